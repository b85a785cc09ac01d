/** Connecting to somebody who is known, by what people call it. @module */

import type { MeshNode } from "../mesh/mesh-node.ts";
import type { Directory } from "./directory.ts";
import type { Joining } from "./joining.ts";

/** What meeting needs. */
export interface MeetNeeds {
  readonly node: Pick<MeshNode, "connections">;
  readonly directory: Pick<Directory, "get" | "list">;
  readonly joining: Pick<Joining, "connect">;
}

/**
 * Connect to the peer that is known by this id, or alone by this name; gives its id, or the text as
 * it was where nobody is known by it.
 */
export async function meet(
  { node, directory, joining }: MeetNeeds,
  target: string,
  signal: AbortSignal,
): Promise<string> {
  const peer = idOf(directory, target);
  if (peer === undefined) return target;
  if (node.connections(peer).length === 0) await joining.connect(peer, signal);
  return peer;
}

function idOf(directory: MeetNeeds["directory"], target: string): string | undefined {
  if (directory.get(target)) return target;
  const named = directory.list().filter(({ record }) => record?.name === target);
  return named.length === 1 ? named[0]?.peer : undefined;
}
