/** Who holds the queues of a data folder, for other processes of the same user. @module */

import * as v from "valibot";
import type { Host } from "../host.ts";
import { createHome, type Home } from "../mesh/home.ts";

/** What the lock file beside the queues says of a server that can be asked. */
const OwnerSchema = v.object({ address: v.pipe(v.string(), v.url()), token: v.string() });

/** A secret that only who can read the lock file knows. */
export function mintToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return `mcpp_local_${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** The server that holds the queues at `path`; `undefined` where it cannot be asked. */
export async function homeOfOwner(
  files: Pick<Host["files"], "read" | "stat">,
  path: string,
): Promise<Home | undefined> {
  const lockFile = `${path}.owner`;
  if (!(await files.stat(lockFile))) return undefined;
  const text = await new Response(await files.read(lockFile)).text();
  const owner = v.safeParse(v.pipe(v.string(), v.parseJson(), OwnerSchema), text);
  if (!owner.success) return undefined;
  const { address: url, token: key } = owner.output;
  const why = "which holds the queues of this data folder";
  return createHome({
    ...{ url, key, why, tellsCaller: true },
    fetch: (target, init) => fetch(target, init),
  });
}
