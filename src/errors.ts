/**
 * Every error this project raises on purpose.
 *
 * A family says what the caller should do next; a `code` says what happened. Codes
 * are stable strings because they cross processes, where class identity is lost.
 *
 * @module
 */

/** What every deliberate error carries. */
export interface ErrorDetails extends ErrorOptions {
  /** Facts a program may read, safe to send to the caller. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Root of the families below; never thrown itself. */
export abstract class MeshError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly data: Readonly<Record<string, unknown>>;
  /** Whether the same request may succeed later without change. */
  abstract readonly retryable: boolean;

  constructor(code: Code, message: string, details: ErrorDetails = {}) {
    super(message, details);
    this.name = new.target.name;
    this.code = code;
    this.data = details.data ?? {};
  }
}

const inputCodes = [
  "invalid_input",
  "invalid_config",
  "unknown_tool",
  "unknown_category",
  "unknown_resource",
  "unknown_prompt",
  "unknown_upstream",
  "duplicate_tool",
  "ambiguous_tool",
  "cyclic_workflow",
  "not_found",
  "method_not_allowed",
  "unsupported_media_type",
  "body_too_large",
] as const;

/** The request itself is wrong: change it before asking again. */
export class InputError extends MeshError<(typeof inputCodes)[number]> {
  override readonly retryable = false;
}

const authCodes = [
  "unauthenticated",
  "capability_missing",
  "capability_expired",
  "forbidden_path",
  "forbidden_host",
  "forbidden_origin",
] as const;

/** The caller lacks the right: obtain a capability first. */
export class AuthError extends MeshError<(typeof authCodes)[number]> {
  override readonly retryable = false;
}

const unavailableCodes = [
  "peer_unreachable",
  "runtime_unavailable",
  "address_unavailable",
  "upstream_unavailable",
  "circuit_open",
  "queue_full",
  "rate_limited",
  "storage_unavailable",
] as const;

/** Nothing is wrong with the request: try again later. */
export class UnavailableError extends MeshError<(typeof unavailableCodes)[number]> {
  override readonly retryable = true;
}

const deadlineCodes = ["deadline_exceeded", "cancelled"] as const;

/** It was stopped before it could finish. */
export class DeadlineError extends MeshError<(typeof deadlineCodes)[number]> {
  override readonly retryable = true;
}

const conflictCodes = ["version_conflict", "data_locked", "lease_lost", "duplicate_task"] as const;

/** Somebody else was first: read again, then retry. */
export class ConflictError extends MeshError<(typeof conflictCodes)[number]> {
  override readonly retryable = true;
}

const integrityCodes = [
  "cid_mismatch",
  "malformed_frame",
  "schema_mismatch",
  "state_mismatch",
  "pin_changed",
  "store_corrupt",
] as const;

/** What arrived is not what was promised: do not trust it. */
export class IntegrityError extends MeshError<(typeof integrityCodes)[number]> {
  override readonly retryable = false;
}

const toolCodes = ["tool_failed", "too_large"] as const;

/** The handler ran and failed; its own error is the `cause`. */
export class ToolError extends MeshError<(typeof toolCodes)[number]> {
  override readonly retryable = false;
}

/** The shape in which an error reaches a person or a program, on every surface. */
export interface ErrorReport {
  readonly code: string;
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

type Making = (message: string, details: ErrorDetails) => MeshError;

const familyOf: ReadonlyMap<string, Making> = new Map(
  (
    [
      [inputCodes, InputError],
      [authCodes, AuthError],
      [unavailableCodes, UnavailableError],
      [deadlineCodes, DeadlineError],
      [conflictCodes, ConflictError],
      [integrityCodes, IntegrityError],
      [toolCodes, ToolError],
    ] as const
  ).flatMap(([codes, Family]) =>
    // Each family is made with its own codes only, which is what the pairs above say.
    codes.map((code): [string, Making] => [
      code,
      (message, details) => new Family(code as never, message, details),
    ]),
  ),
);

/** An error that another process reported, in its family; `undefined` for a code of nobody here. */
export function errorOfReport({ code, message, data = {} }: ErrorReport): MeshError | undefined {
  return familyOf.get(code)?.(message, { data });
}

/** The sentence of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Any thrown value as {@link ErrorReport}; foreign errors get the code `tool_failed`. */
export function reportOf(error: unknown): ErrorReport {
  if (!(error instanceof MeshError)) return { code: "tool_failed", message: messageOf(error) };
  const { code, message, data } = error;
  return Object.keys(data).length > 0 ? { code, message, data } : { code, message };
}
