/** What the operating system's file errors mean for the caller. @module */

import {
  AuthError,
  InputError,
  MeshError,
  messageOf,
  ToolError,
  UnavailableError,
} from "../../src/errors.ts";

/** The code of a system error, e.g. `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

/** `pending`, or `undefined` where there is nothing at the path. */
export async function ifPresent<T>(pending: Promise<T>): Promise<T | undefined> {
  try {
    return await pending;
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

/** The path is a folder, where a file is needed. */
export function folderError(path: string, cause?: unknown): MeshError {
  return new InputError("invalid_input", `${path} is a folder; name a file in it`, { cause });
}

/** A system error about `path` as one of ours. */
export function explain(path: string, cause: unknown): unknown {
  if (cause instanceof MeshError) return cause;
  const data = { path };
  switch (codeOf(cause)) {
    case "ENOENT":
    case "ENOTDIR":
      return new InputError("not_found", `There is no file ${path}`, { cause, data });
    case "EISDIR":
      return folderError(path, cause);
    case "EACCES":
    case "EPERM":
    case "EROFS": {
      const message = `The operating system does not let this process use ${path}: change its permissions`;
      return new AuthError("forbidden_path", message, { cause, data });
    }
    case "ENOSPC":
    case "EDQUOT":
    case "EMFILE":
    case "ENFILE": {
      const message = `${path} cannot be used now: ${messageOf(cause)}; free some and try again`;
      return new UnavailableError("storage_unavailable", message, { cause, data });
    }
    default:
      return new ToolError("tool_failed", `${path}: ${messageOf(cause)}`, { cause, data });
  }
}

/** Run `step`; what it throws is explained. */
export async function explained<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw explain(path, error);
  }
}
