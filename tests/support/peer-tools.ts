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
  timeoutMs: v.optional(v.number()),
});

/** A category of such tools. */
export function peerTools(answers: PeerAnswers, name = "p2p_peer"): Category {
  const tools = Object.entries(answers).map(
    ([name, run]): Tool =>
      defineTool({ name, description: name, input, run: (given) => run(given) }),
  );
  return {
    name,
    title: "Peers",
    description: "Peers",
    source: name.startsWith("peer:") ? "peer" : "builtin",
    toolNames: Object.keys(answers),
    runtime: "local",
    load: async () => tools,
  };
}
