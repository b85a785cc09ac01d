import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { InputError, ToolError, UnavailableError } from "../../../src/errors.ts";
import { createMeshRuntime } from "../../../src/mesh/mesh-runtime.ts";
import type { Tool } from "../../../src/registry/definition.ts";
import type { RegisteredTool } from "../../../src/registry/registry.ts";
import type { CallResult } from "../../../src/registry/result.ts";
import { contextOf, targetOf } from "../../support/calls.ts";

/** How each peer ends a call; those that are left out answer. */
type Endings = Readonly<Record<string, () => Error>>;

interface Scene {
  /** Peers that were asked, in order. */
  readonly asked: string[];
  run(more?: Partial<Tool>, category?: string): Promise<CallResult>;
}

function sceneOf(peers: readonly string[], endings: Endings): Scene {
  const asked: string[] = [];
  const at = (peer: string, more: Partial<Tool>): RegisteredTool =>
    targetOf(
      () => {
        asked.push(peer);
        const ending = endings[peer]?.();
        if (ending) throw ending;
        return { content: [], structuredContent: { peer } };
      },
      { ...more, peer },
    );
  const [first = ""] = peers;
  return {
    asked,
    async run(more = {}, category) {
      const runtime = createMeshRuntime({
        availability: () => ({ available: true }),
        starting: () => undefined,
        local: {
          name: "local",
          availability: () => ({ available: true }),
          run: async (target, input, context) => target.tool.run(input, context as never),
        },
        async elsewhere(_target, _caller, tried) {
          const next = peers.find((peer) => !tried.has(peer));
          return next === undefined ? undefined : at(next, more);
        },
      });
      const context = contextOf(category === undefined ? {} : { category });
      return await runtime.run(at(first, more), {}, context);
    },
  };
}

const unreachable = (isStarted?: false): Error =>
  new UnavailableError("peer_unreachable", "No answer", {
    data: isStarted === undefined ? {} : { isStarted },
  });

describe("the mesh runtime", () => {
  it("asks the peer of the tool", async () => {
    const scene = sceneOf(["a", "b"], {});
    assertEquals((await scene.run()).structuredContent, { peer: "a" });
    assertEquals(scene.asked, ["a"]);
  });

  it("asks the next best where the first provably began nothing, each at most once", async () => {
    const scene = sceneOf(["a", "b", "c"], {
      a: () => unreachable(false),
      b: () => new UnavailableError("circuit_open", "resting", { data: { isStarted: false } }),
    });
    assertEquals((await scene.run()).structuredContent, { peer: "c" });
    assertEquals(scene.asked, ["a", "b", "c"]);
  });

  it("does not ask a second peer for a tool with effects that may have begun", async () => {
    const scene = sceneOf(["a", "b"], { a: () => unreachable() });
    await assertRejects(() => scene.run(), UnavailableError, "No answer");
    await assertRejects(
      () => scene.run({ annotations: { readOnlyHint: true } }),
      UnavailableError,
      "No answer",
    );
    assertEquals(scene.asked, ["a", "a"]);
  });

  it("asks another for an idempotent tool whose peer was lost", async () => {
    const scene = sceneOf(["a", "b"], { a: () => unreachable() });
    const result = await scene.run({ annotations: { idempotentHint: true } });
    assertEquals(result.structuredContent, { peer: "b" });
  });

  it("asks nobody else where a peer was named", async () => {
    const scene = sceneOf(["a", "b"], { a: () => unreachable(false) });
    const idempotent = { annotations: { idempotentHint: true } };
    await assertRejects(() => scene.run(idempotent, "peer:a"), UnavailableError, "No answer");
    assertEquals(scene.asked, ["a"]);
  });

  it("takes an answer for an answer, also an error", async () => {
    for (const error of [
      new ToolError("tool_failed", "Disk full"),
      new InputError("invalid_input", "No"),
      new UnavailableError("upstream_unavailable", "Away"),
      new Error("bug"),
    ]) {
      const scene = sceneOf(["a", "b"], { a: () => error });
      const idempotent = { annotations: { idempotentHint: true } };
      await assertRejects(() => scene.run(idempotent), Error, error.message);
      assertEquals(scene.asked, ["a"]);
    }
  });

  it("gives the last error where no peer is left", async () => {
    const scene = sceneOf(["a", "b"], {
      a: () => unreachable(false),
      b: () => new UnavailableError("peer_unreachable", "Gone too", { data: { isStarted: false } }),
    });
    await assertRejects(() => scene.run(), UnavailableError, "Gone too");
    assertEquals(scene.asked, ["a", "b"]);
  });
});
