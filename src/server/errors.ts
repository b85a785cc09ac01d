/** Errors as HTTP answers: the status that fits the code, and the same body everywhere. @module */

import { challengeOf } from "../auth/resource-metadata.ts";
import type { JwtConfig } from "../config/config.ts";
import {
  AuthError,
  ConflictError,
  DeadlineError,
  type ErrorReport,
  InputError,
  IntegrityError,
  MeshError,
  reportOf,
  ToolError,
  UnavailableError,
} from "../errors.ts";
import type { Logger } from "../telemetry/logger.ts";

/** Codes whose status is not that of their family. */
const STATUS_BY_CODE: ReadonlyMap<string, number> = new Map([
  ["unknown_tool", 404],
  ["unknown_category", 404],
  ["unknown_resource", 404],
  ["unknown_prompt", 404],
  ["unknown_upstream", 404],
  ["not_found", 404],
  ["method_not_allowed", 405],
  ["body_too_large", 413],
  ["unsupported_media_type", 415],
  ["unauthenticated", 401],
  ["capability_expired", 401],
  ["peer_unreachable", 502],
  ["upstream_unavailable", 502],
  ["rate_limited", 429],
]);

const STATUS_BY_FAMILY = [
  [InputError, 400],
  [AuthError, 403],
  [UnavailableError, 503],
  [DeadlineError, 504],
  [ConflictError, 409],
  [IntegrityError, 502],
  [ToolError, 422],
] as const;

/** The HTTP status of a deliberate error; 500 for any other. */
export function statusOf(error: unknown): number {
  if (!(error instanceof MeshError)) return 500;
  const byCode = STATUS_BY_CODE.get(error.code);
  return byCode ?? STATUS_BY_FAMILY.find(([family]) => error instanceof family)?.[1] ?? 500;
}

/** What answering errors needs. */
export interface ErrorNeeds {
  readonly jwt: () => JwtConfig | undefined;
  readonly log: Logger;
  /** An id by which an unexpected error is found in the log. */
  readonly newId: () => string;
}

/** Answers a failed request. */
export type AnswerError = (error: unknown, request: Request) => Response;

/** A function that answers failed requests; what nobody expected is logged and not shown. */
export function createAnswerError({ jwt, log, newId }: ErrorNeeds): AnswerError {
  return (error, request) => {
    if (!(error instanceof MeshError)) {
      const id = newId();
      log.error("request failed", { id, method: request.method, url: request.url, error });
      return jsonAnswer(500, {
        code: "internal",
        message: `Something failed that should not have; the log knows more under ${id}`,
        data: { id },
      });
    }
    const answer = jsonAnswer(statusOf(error), reportOf(error));
    const challenge = challengeOf(error, jwt(), request.url);
    if (challenge !== undefined) answer.headers.set("www-authenticate", challenge);
    const { retryAfterMs } = error.data;
    if (error instanceof UnavailableError) {
      const waitMs = typeof retryAfterMs === "number" ? retryAfterMs : 1000;
      answer.headers.set("retry-after", String(Math.max(1, Math.ceil(waitMs / 1000))));
    }
    return answer;
  };
}

function jsonAnswer(status: number, report: ErrorReport): Response {
  return Response.json(report, {
    status,
    headers: { "cache-control": "no-store", "x-content-type-options": "nosniff" },
  });
}
