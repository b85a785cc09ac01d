/** What SQLite's errors mean for whoever uses the queue. @module */

import {
  ConflictError,
  IntegrityError,
  MeshError,
  messageOf,
  UnavailableError,
} from "../../../src/errors.ts";
import { queueOwner } from "./queue-owner.ts";

/** The file is damaged. */
export function corrupt(path: string, said: string, cause?: unknown): IntegrityError {
  const message = `The queue in ${path} is damaged (${said}): restore the file from a backup, or move it away to begin with an empty queue`;
  return new IntegrityError("store_corrupt", message, { cause, data: { path } });
}

/** The error as one of ours; what is not SQLite's is left as it is. */
export function explain(path: string, cause: unknown): unknown {
  const said = messageOf(cause);
  if (cause instanceof MeshError) return cause;
  if (/locked|busy/i.test(said)) {
    const owner = queueOwner(path);
    const who = owner ? `process ${owner.pid}, since ${owner.since}` : "another process";
    const message = `The queue in ${path} belongs to ${who}: ask that server, or choose another dataDir`;
    const { token: _, ...known } = owner ?? {};
    return new ConflictError("data_locked", message, { cause, data: { path, ...known } });
  }
  if (/not a database|malformed|corrupt/i.test(said)) return corrupt(path, said, cause);
  if (/full/i.test(said)) {
    const message = `The disk of ${path} is full: nothing is accepted until there is space again`;
    return new UnavailableError("storage_unavailable", message, { cause, data: { path } });
  }
  // Errors of ours and of `work` are not SQLite's.
  if (!(cause instanceof Error) || !("errcode" in cause || "code" in cause)) return cause;
  const message = `The queue in ${path} cannot be used: ${said}; check the disk's space and permissions`;
  return new UnavailableError("storage_unavailable", message, { cause, data: { path } });
}
