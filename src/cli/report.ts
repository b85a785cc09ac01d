/** Errors as a person reads them: what happened, what was meant, what to type next. @module */

import {
  AuthError,
  ConflictError,
  DeadlineError,
  InputError,
  IntegrityError,
  MeshError,
  messageOf,
  reportOf,
  ToolError,
  UnavailableError,
} from "../errors.ts";
import { printable, type Style } from "./output.ts";

/** Exit codes, the same for every command. */
export const EXIT = {
  ok: 0,
  bug: 1,
  usage: 2,
  auth: 3,
  unreachable: 4,
  tool: 5,
  notFound: 6,
  timeout: 7,
} as const;

/** Codes whose exit code is not that of their family. */
const SPECIAL: ReadonlyMap<string, number> = new Map([
  ["unknown_tool", EXIT.tool],
  ["unknown_category", EXIT.notFound],
  ["unknown_resource", EXIT.notFound],
  ["unknown_prompt", EXIT.notFound],
  ["unknown_upstream", EXIT.notFound],
  ["not_found", EXIT.notFound],
]);

/** The exit code for an error that ended a command. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof MeshError)) return EXIT.bug;
  const special = SPECIAL.get(error.code);
  if (special !== undefined) return special;
  if (error instanceof InputError) return EXIT.usage;
  if (error instanceof AuthError) return EXIT.auth;
  if (error instanceof UnavailableError || error instanceof ConflictError) return EXIT.unreachable;
  if (error instanceof DeadlineError) return EXIT.timeout;
  if (error instanceof ToolError || error instanceof IntegrityError) return EXIT.tool;
  return EXIT.bug;
}

/** The command that helps on after an error. */
function nextStep({ code, data }: MeshError): string | undefined {
  const tool = typeof data.tool === "string" ? data.tool : undefined;
  switch (code) {
    case "unknown_tool":
      // Lists are of this server; what a peer offers is not among them here.
      if (data.peer !== undefined) return undefined;
      return `see them with  mcpp tools ${(tool ?? "").split(/[^A-Za-z0-9]/)[0] ?? ""}`.trimEnd();
    case "unknown_category":
      return "see them with  mcpp tools";
    case "invalid_input":
      if (typeof data.help === "string") return `see  ${data.help}`;
      return tool && `see what it takes with  mcpp schema ${tool}`;
    case "invalid_config":
      return "see every setting with  mcpp config --explain";
    case "peer_unreachable":
      return "see who is there with  mcpp peers";
    case "runtime_unavailable":
      return "see why with  mcpp doctor";
    case "upstream_unavailable":
    case "circuit_open":
      return `see why with  mcpp doctor ${typeof data.upstream === "string" ? data.upstream : ""}`.trimEnd();
    default:
      return undefined;
  }
}

/** "…; did you mean a or b?" says in a sentence what the line below it says better. */
function withoutHint(message: string, near: readonly string[]): string {
  return near.length > 0 ? message.replace(/; did you mean [^;\n]*\?$/, "") : message;
}

/** An error in lines for a terminal. */
export function formatError(error: unknown, style: Style): string {
  if (!(error instanceof MeshError)) return formatBug(error, style);
  const near = Array.isArray(error.data.nearest) ? error.data.nearest.map(String) : [];
  const message = printable(withoutHint(error.message, near));
  const lines = [`${style.red(`error ${error.code}`)}: ${message}`];
  if (near.length > 0) lines.push(`  did you mean  ${near.map(printable).join(" · ")}`);
  const next = nextStep(error);
  if (next !== undefined) lines.push(`  ${printable(next)}`);
  return lines.join("\n");
}

function formatBug(error: unknown, style: Style): string {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  return [
    `${style.red("error internal")}: ${printable(messageOf(error))}`,
    "  this is a fault of mcplusplus: please report it with the lines below",
    ...stack.split("\n").map((line) => style.dim(`    ${printable(line).trim()}`)),
  ].join("\n");
}

/** An error for a program. */
export function errorJson(error: unknown): string {
  const report = reportOf(error);
  return JSON.stringify({
    error: error instanceof MeshError ? report : { ...report, code: "internal" },
  });
}
