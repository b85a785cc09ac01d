/** The result of a tool as a person reads it. @module */

import type { CallResult, ContentBlock } from "../registry/result.ts";
import { type Output, printable } from "./output.ts";

function describeBlock(block: ContentBlock): string {
  if (block.type === "text") return typeof block.text === "string" ? block.text : "";
  const { mimeType = "", uri = "", data = "" } = block;
  const size =
    typeof data === "string" && data !== "" ? ` ${Math.floor(data.length * 0.75)} bytes` : "";
  return `[${[block.type, mimeType, uri].filter(Boolean).join(" ")}${size}]`;
}

/** All of a result as text. */
export function textOf({ content }: CallResult): string {
  return content.map(describeBlock).join("\n");
}

/** Structured results as JSON, all else as text; a terminal gets no control characters. */
export async function printResult(output: Output, result: CallResult): Promise<void> {
  if (result.structuredContent !== undefined) return output.json(result.structuredContent);
  const text = textOf(result);
  if (text !== "") await output.result(output.isInteractive ? printable(text) : text);
}
