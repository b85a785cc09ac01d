/** A run over three owners, and the file that proves what happened in it. */

import { fromBase64 } from "../../src/ipld/base64.ts";
import { localCaller } from "../../src/registry/caller.ts";
import type { TaskScope } from "../../src/registry/tasks.ts";
import { verifyProof } from "../../src/workflow/proof/verify.ts";
import { createOwnersScene, type Owner, type OwnersScene, type OwnerTool } from "./owners-scene.ts";
import type { Cleanup } from "./temp-folder.ts";

/** Their tools. */
export const ownerTools: Readonly<Record<string, OwnerTool>> = {
  double: ({ n }: { n: number }, owner: string) => ({ n: 2 * n, owner }),
  fail: () => {
    throw new Error("no luck");
  },
  undo: ({ n }: { n: number }) => ({ n }),
};

/** A call at a peer. */
export const double = (id: string, at: unknown, n: unknown = 1): object => ({
  ...{ id, tool: "double", input: { n }, peer: { at } },
});

/** A call in the own queue. */
export const here = (id: string): object => ({ id, tool: "double", input: { n: 1 } });

/** Whose runs they are. */
export const scope: TaskScope = { caller: localCaller, queue: "default" };

/** The file that proves a run. */
export async function proofOf({ workflows }: Owner, id: string): Promise<Uint8Array> {
  return fromBase64(await workflows.proof(scope, id, new AbortController().signal));
}

/** Calls at two peers and here, a map over both, and a run within. */
const everywhere: object = {
  name: "everywhere",
  nodes: [
    double("there", "attic"),
    { id: "back", tool: "double", input: { n: "$there.result.n" } },
    {
      ...{ id: "each", after: ["back"] },
      map: {
        over: [1, 2, 3, 4],
        node: { tool: "double", input: { n: "$item" }, peer: { at: ["attic", "cellar"] } },
      },
    },
    {
      ...{ id: "in", after: ["each"] },
      sub: {
        workflow: {
          name: "inner",
          nodes: [double("a", "cellar"), double("b", "attic", "$a.result.n")],
        },
      },
    },
    double("end", "cellar", "$in.result.b.n"),
  ],
};

/** A run over three owners that is over, and its proof. */
export async function createProof(
  t: Cleanup,
): Promise<
  OwnersScene<"home" | "attic" | "cellar"> & { readonly id: string; readonly file: Uint8Array }
> {
  const scene = await createOwnersScene(t, ["home", "attic", "cellar"], ownerTools);
  const id = await scene.owners.home.submit(everywhere);
  await scene.owners.home.ended(id);
  return { ...scene, id, file: await proofOf(scene.owners.home, id) };
}

/** What is wrong with a file. */
export const faultsOf = (file: Uint8Array): readonly string[] => verifyProof(file).faults;
