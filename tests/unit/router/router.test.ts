import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { createBreaker } from "../../../src/concurrency/breaker.ts";
import { ToolError, UnavailableError } from "../../../src/errors.ts";
import type { RuntimeStats } from "../../../src/registry/context.ts";
import type { RuntimeName, Tool } from "../../../src/registry/definition.ts";
import type { CallResult } from "../../../src/registry/result.ts";
import { createRouter, type Router } from "../../../src/router/router.ts";
import type { Runtime } from "../../../src/router/runtime.ts";
import { createMetrics } from "../../../src/telemetry/metrics.ts";
import { contextOf, targetOf } from "../../support/calls.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";

const resultOf = (runtime: string): CallResult => ({ content: [], structuredContent: runtime });

interface Scene {
  readonly router: Router;
  readonly clock: FakeClock;
  readonly ran: string[];
  /** What the mesh does; a string is why it is not available. */
  mesh: (() => Promise<CallResult>) | string;
  local: () => Promise<CallResult> | CallResult;
}

function sceneOf(): Scene {
  const clock = createFakeClock();
  const ran: string[] = [];
  const runtime = (name: RuntimeName, run: () => Promise<CallResult> | CallResult): Runtime => ({
    name,
    availability: () =>
      name === "mesh" && typeof scene.mesh === "string"
        ? { available: false, reason: scene.mesh }
        : { available: true },
    run() {
      ran.push(name);
      return run();
    },
  });
  const router = createRouter({
    runtimes: [
      runtime("local", () => scene.local()),
      runtime("mesh", () =>
        typeof scene.mesh === "string" ? Promise.reject(new Error(scene.mesh)) : scene.mesh(),
      ),
    ],
    breakerFor: () => createBreaker({ failures: 3, openMs: 1000, clock }),
    metrics: createMetrics(),
    clock,
  });
  const scene: Scene = {
    router,
    clock,
    ran,
    mesh: async () => resultOf("mesh"),
    local: () => resultOf("local"),
  };
  return scene;
}

const run = async ({ router }: Scene, more: Partial<Tool>): Promise<CallResult> =>
  router.run(targetOf(undefined, more), {}, contextOf());

const statsOf = ({ router }: Scene, name: string): RuntimeStats => {
  const found = router.stats().find(({ runtime }) => runtime === name);
  assert(found);
  return found;
};

const unreachable = (): Promise<CallResult> =>
  Promise.reject(new UnavailableError("peer_unreachable", "No answer"));

describe("createRouter()", () => {
  it("runs a call where its tool wants to", async () => {
    const scene = sceneOf();

    assertEquals(await run(scene, {}), resultOf("local"));
    assertEquals(await run(scene, { routing: { runtime: "mesh" } }), resultOf("mesh"));
    assertEquals(scene.ran, ["local", "mesh"]);
  });

  it("runs it here when the mesh is not there, and counts that", async () => {
    const scene = sceneOf();
    scene.mesh = "no peers";

    assertEquals(await run(scene, { name: "p2p_x" }), resultOf("local"));

    assertEquals(scene.ran, ["local"]);
    assertEquals(statsOf(scene, "mesh").fallbacks, 1);
    assertEquals(statsOf(scene, "mesh").reason, "no peers");
  });

  it("says why a tool that needs the mesh cannot run", async () => {
    const scene = sceneOf();
    scene.mesh = "no peers";

    const error = await assertRejects(
      () => run(scene, { routing: { requiresMesh: true } }),
      UnavailableError,
      "no peers",
    );

    assertEquals(
      [error.code, error.data],
      ["runtime_unavailable", { tool: "probe", runtime: "mesh" }],
    );
    assertEquals(scene.ran, []);
  });

  it("runs a call a second time only where it did nothing, or may do it twice", async () => {
    const scene = sceneOf();
    const meshTool = { routing: { runtime: "mesh" as const } };
    scene.mesh = unreachable;

    await assertRejects(() => run(scene, meshTool), UnavailableError, "No answer");
    assertEquals(scene.ran, ["mesh"]);
    const idempotent = { ...meshTool, annotations: { idempotentHint: true } };
    assertEquals(await run(scene, idempotent), resultOf("local"));

    scene.mesh = () => Promise.reject(new ToolError("tool_failed", "Disk full"));
    await assertRejects(() => run(scene, idempotent), ToolError, "Disk full");

    scene.mesh = () => Promise.reject(new UnavailableError("runtime_unavailable", "Leaving"));
    assertEquals(await run(scene, meshTool), resultOf("local"));
    assertEquals(scene.ran, ["mesh", "mesh", "local", "mesh", "mesh", "local"]);
  });

  it("rests from a mesh that fails again and again, and tries it once after that", async () => {
    const scene = sceneOf();
    const tool = { routing: { runtime: "mesh" as const, requiresMesh: true } };
    scene.mesh = () => Promise.reject(new UnavailableError("runtime_unavailable", "Leaving"));
    for (let call = 0; call < 3; call += 1) await assertRejects(() => run(scene, tool));

    const error = await assertRejects(() => run(scene, tool), UnavailableError);
    assertEquals([error.code, scene.ran.length], ["circuit_open", 3]);
    assertEquals(statsOf(scene, "mesh").breaker, "open");
    await scene.clock.advance(1000);
    scene.mesh = async () => resultOf("mesh");

    assertEquals(await run(scene, tool), resultOf("mesh"));
    assertEquals(statsOf(scene, "mesh").breaker, "closed");
  });

  it("does not rest from all peers because one cannot be reached or says that it has no mesh", async () => {
    const scene = sceneOf();
    const tool = { routing: { runtime: "mesh" as const, requiresMesh: true } };
    const data = { peer: "12D3KooWA" };
    for (const code of ["peer_unreachable", "runtime_unavailable", "rate_limited"] as const) {
      scene.mesh = () => Promise.reject(new UnavailableError(code, "No", { data }));
      for (let call = 0; call < 9; call += 1) await assertRejects(() => run(scene, tool));
    }

    assertEquals(scene.ran.length, 27);
    assertEquals(statsOf(scene, "mesh").breaker, "closed");
  });

  it("does not rest from a mesh whose tools fail", async () => {
    const scene = sceneOf();
    scene.mesh = () => Promise.reject(new ToolError("tool_failed", "Disk full"));

    for (let call = 0; call < 9; call += 1) {
      await assertRejects(() => run(scene, { routing: { runtime: "mesh" } }), ToolError);
    }
  });

  it("never rests from itself, whatever its tools say", async () => {
    const scene = sceneOf();
    scene.local = () => {
      throw new UnavailableError("upstream_unavailable", "The other server is away");
    };
    for (let call = 0; call < 9; call += 1) {
      await assertRejects(() => run(scene, {}), UnavailableError, "The other server");
    }

    scene.local = () => resultOf("local");

    assertEquals(await run(scene, {}), resultOf("local"));
    assertEquals(statsOf(scene, "local").breaker, "closed");
  });

  it("knows how many calls ran, failed and run, and how long they take", async () => {
    const scene = sceneOf();
    const gate = Promise.withResolvers<CallResult>();
    scene.local = () => gate.promise;
    const running = run(scene, {});
    await scene.clock.advance(40);

    assertEquals(statsOf(scene, "local").inFlight, 1);
    gate.resolve(resultOf("local"));
    await running;
    scene.local = () => {
      throw new ToolError("tool_failed", "no");
    };
    await assertRejects(() => run(scene, {}));

    const { calls, failures, inFlight, p95Ms, available } = statsOf(scene, "local");
    assertEquals(
      { calls, failures, inFlight, available },
      {
        calls: 2,
        failures: 1,
        inFlight: 0,
        available: true,
      },
    );
    assert(p95Ms > 20 && p95Ms < 80, String(p95Ms));
  });

  it("cannot be made to use a runtime that it was made without", () => {
    const clock = createFakeClock();
    const router = createRouter({
      runtimes: [],
      breakerFor: () => createBreaker({ failures: 3, openMs: 1000, clock }),
      metrics: createMetrics(),
      clock,
    });

    assertThrows(() => router.run(targetOf(), {}, contextOf()), RangeError, '"local"');
  });
});
