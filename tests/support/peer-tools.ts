/** The tools of the mesh that commands ask, answering what a test gives them. @module */

import * as v from "valibot";
import type { Category } from "../../src/registry/category.ts";
import { defineTool, type Tool } from "../../src/registry/definition.ts";

/** What each tool answers to its input; tools that are left out do not exist. */
export type PeerAnswers = Readonly<
  Record<string, (input: Readonly<Record<string, unknown>>) => object>
>;

const optionalText = v.optional(v.string());

/** What the real tools take. */
const input = v.object({
  peer: optionalText,
  ability: optionalText,
  cursor: optionalText,
  sources: v.optional(v.array(v.string())),
  limit: v.optional(v.number()),
  timeoutMs: v.optional(v.number()),
});

/** Such tools. */
export function peerToolList(answers: PeerAnswers): readonly Tool[] {
  return Object.entries(answers).map(([name, run]) =>
    defineTool({
      name,
      description: name,
      input,
      // Their names would be routed to a mesh, which tests of commands do without.
      routing: { runtime: "local" },
      run: (given) => run(given),
    }),
  );
}

/** A category of such tools. */
export function peerTools(answers: PeerAnswers, name = "p2p_peer"): Category {
  return {
    name,
    title: "Peers",
    description: "Peers",
    source: name.startsWith("peer:") ? "peer" : "builtin",
    toolNames: Object.keys(answers),
    runtime: "local",
    load: async () => peerToolList(answers),
  };
}
