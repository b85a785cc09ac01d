/**
 * The runtime of tools that live in the mesh: those of peers run there, those that work on the mesh
 * itself run here while there is one.
 *
 * @module
 */

import { MeshError } from "../errors.ts";
import type { Caller } from "../registry/caller.ts";
import type { Availability } from "../registry/category.ts";
import type { RegisteredTool } from "../registry/registry.ts";
import type { CallResult } from "../registry/result.ts";
import type { CallContext } from "../router/call-context.ts";
import type { Runtime } from "../router/runtime.ts";

/** What the mesh runtime needs. */
export interface MeshRuntimeNeeds {
  readonly availability: () => Availability;
  /** Resolves when a mesh that is starting has started or failed; `undefined` otherwise. */
  readonly starting: () => Promise<void> | undefined;
  /** Runs a handler under its deadline. */
  readonly local: Runtime;
  /** The same tool at the next best peer that is not among `tried`. */
  readonly elsewhere: (
    target: RegisteredTool,
    caller: Caller,
    tried: ReadonlySet<string>,
  ) => Promise<RegisteredTool | undefined>;
}

/** A runtime over the mesh. */
export function createMeshRuntime(needs: MeshRuntimeNeeds): Runtime {
  const { availability, starting, local } = needs;
  const run: Runtime["run"] = (target, input, context) =>
    target.tool.peer === undefined
      ? local.run(target, input, context)
      : runAtPeer(needs, target, input, context, new Set());
  return {
    name: "mesh",
    availability,
    run(...call) {
      const started = starting();
      return started ? started.then(() => run(...call)) : run(...call);
    },
  };
}

async function runAtPeer(
  needs: MeshRuntimeNeeds,
  target: RegisteredTool,
  input: unknown,
  context: CallContext,
  tried: Set<string>,
): Promise<CallResult> {
  try {
    // The pool gives up on a peer that says nothing: a deadline here would be a second one.
    return await target.tool.run(input, context);
  } catch (error) {
    if (!mayRunElsewhere(error, target, context)) throw error;
    tried.add(target.tool.peer ?? "");
    const other = await needs.elsewhere(target, context.caller, tried);
    if (!other) throw error;
    return runAtPeer(needs, other, input, context, tried);
  }
}

/** Never a second time for a tool with effects that may have begun, nor where a peer was named. */
function mayRunElsewhere(error: unknown, { tool }: RegisteredTool, { call }: CallContext): boolean {
  if (call.category !== undefined || !(error instanceof MeshError)) return false;
  if (error.data.isStarted === false) return true;
  return error.code === "peer_unreachable" && tool.annotations.idempotentHint === true;
}
