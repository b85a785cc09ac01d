/**
 * What a call of a tool gives back, in the shape that MCP's `tools/call` puts on the wire.
 *
 * @module
 */

/** One block of content: text, image, audio, resource or resource link (MCP `ContentBlock`). */
export interface ContentBlock {
  readonly type: "text" | "image" | "audio" | "resource" | "resource_link";
  readonly [field: string]: unknown;
}

/** MCP's `CallToolResult`, or an `input_required` round of it. */
export interface CallResult {
  readonly content: readonly ContentBlock[];
  readonly structuredContent?: unknown;
  readonly isError?: boolean;
  readonly _meta?: Readonly<Record<string, unknown>>;
  /**
   * `input_required` asks the client something first; the call is then repeated. `task` is the
   * engine's alone: the handle of the task that the call became.
   */
  readonly resultType?: "complete" | "input_required" | "task";
  readonly inputRequests?: Readonly<Record<string, unknown>>;
  /** Opaque to the client; the engine seals it and gives it back to the tool a round later. */
  readonly requestState?: string;
}

/** A block of plain text. */
export function text(value: string): ContentBlock {
  return { type: "text", text: value };
}

/** What a result that is an error says, in text. */
export function failureText(tool: string, { content }: Pick<CallResult, "content">): string {
  const said = content.flatMap(({ type, text }) => (type === "text" ? [String(text)] : []));
  return said.join("\n") || `"${tool}" failed and did not say why`;
}

/** Whether a handler returned a full result rather than a plain value. */
export function isCallResult(value: unknown): value is CallResult {
  if (typeof value !== "object" || value === null) return false;
  const { content, resultType } = value as Partial<CallResult>;
  if (resultType === "input_required") return true;
  return (
    Array.isArray(content) &&
    content.every((block) => typeof block === "object" && block !== null && "type" in block)
  );
}

/** A plain value as a result: `structuredContent`, and the same as text. */
export function toCallResult(value: unknown): CallResult {
  if (typeof value === "string") return { content: [text(value)] };
  if (value === undefined) return { content: [] };
  return { content: [text(JSON.stringify(value))], structuredContent: value };
}
