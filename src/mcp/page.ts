/** Pages of a list; the cursor is where the next page begins, in a fixed order. @module */

import { RPC_CODE } from "./protocol.ts";
import type { RpcError } from "./results.ts";

/** One page, or why there is none. */
export type Page<T> =
  | { readonly items: readonly T[]; readonly nextCursor?: string }
  | { readonly error: RpcError };

const CURSOR = /^at:(\d{1,9})$/;

/** The page of `all` that begins at `cursor`. */
export function pageOf<T>(all: readonly T[], cursor: string | undefined, size: number): Page<T> {
  const start = cursor === undefined ? 0 : Number(CURSOR.exec(cursor)?.[1]);
  if (!(start <= all.length)) {
    return {
      error: {
        code: RPC_CODE.invalidParams,
        message: `"${cursor}" is no cursor of this list; leave it out to begin again`,
        data: { code: "invalid_input", path: "/cursor" },
      },
    };
  }
  if (start === 0 && all.length <= size) return { items: all };
  const end = start + size;
  const items = all.slice(start, end);
  return end < all.length ? { items, nextCursor: `at:${end}` } : { items };
}
