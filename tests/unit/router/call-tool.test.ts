import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { AuthError, InputError, ToolError, UnavailableError } from "../../../src/errors.ts";
import type { Services } from "../../../src/registry/context.ts";
import type { RegisteredTool } from "../../../src/registry/registry.ts";
import { type CallResult, text } from "../../../src/registry/result.ts";
import {
  type CallOutcome,
  type CallSteps,
  callTool,
  checkCall,
} from "../../../src/router/call-tool.ts";
import { createResultCache } from "../../../src/router/result-cache.ts";
import { callOf, targetOf } from "../../support/calls.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

interface Scene {
  readonly steps: CallSteps;
  /** What happened, in order. */
  readonly order: string[];
  readonly outcomes: CallOutcome[];
}

const result: CallResult = { content: [text("done")] };

function sceneOf(target: RegisteredTool, more: Partial<CallSteps> = {}): Scene {
  const order: string[] = [];
  const outcomes: CallOutcome[] = [];
  const clock = createFakeClock();
  const parsed: RegisteredTool = {
    ...target,
    tool: {
      ...target.tool,
      parse(input) {
        order.push("parse");
        return target.tool.parse(input);
      },
    },
  };
  const steps: CallSteps = {
    registry: {
      loaded: () => {
        order.push("loaded");
        return parsed;
      },
      resolve: async () => {
        order.push("resolve");
        return parsed;
      },
    },
    authorize: () => void order.push("authorize"),
    limits: {
      admit: () => {
        order.push("admit");
        return () => void order.push("end");
      },
    },
    cache: createResultCache(clock),
    router: {
      run: () => {
        order.push("run");
        return result;
      },
    },
    services: {} as Services,
    record: (outcome) => {
      order.push("record");
      outcomes.push(outcome);
    },
    clock,
    ...more,
  };
  return { steps, order, outcomes };
}

describe("callTool()", () => {
  it("resolves, validates, authorizes, admits, runs and records, in this order", async () => {
    const { steps, order, outcomes } = sceneOf(targetOf());

    assert((await callTool(steps, callOf())) === result);

    assertEquals(order, ["loaded", "parse", "authorize", "admit", "run", "end", "record"]);
    assertEquals(outcomes[0]?.result, result);
    assertEquals(outcomes[0]?.target?.name, "probe");
  });

  it("asks the registry when a category is named or the tool is not loaded yet", async () => {
    const named = sceneOf(targetOf());
    await callTool(named.steps, callOf({ category: "demo" }));
    assertEquals(named.order.slice(0, 2), ["resolve", "parse"]);

    const unloaded = sceneOf(targetOf());
    const registry = { ...unloaded.steps.registry, loaded: () => undefined };
    await callTool({ ...unloaded.steps, registry }, callOf());
    assertEquals(unloaded.order.slice(0, 2), ["resolve", "parse"]);
  });

  it("runs nothing for a caller without the right", async () => {
    const refusal = new AuthError("capability_missing", "Not for you");
    const { steps, order, outcomes } = sceneOf(targetOf(), {
      authorize: () => {
        throw refusal;
      },
    });

    await assertRejects(() => callTool(steps, callOf()), AuthError);

    assertEquals(order, ["loaded", "parse", "record"]);
    assertEquals(outcomes[0]?.error, refusal);
  });

  it("gives no kept result to a caller without the right", async () => {
    const pure = targetOf(undefined, { routing: { cacheTtlMs: 1000 } });
    const { steps } = sceneOf(pure);
    await callTool(steps, callOf());
    const authorize = (): never => {
      throw new AuthError("capability_missing", "Not for you");
    };

    await assertRejects(() => callTool({ ...steps, authorize }, callOf()), AuthError);
  });

  it("gives the kept result of a pure tool without running it again", async () => {
    const pure = targetOf(undefined, { routing: { cacheTtlMs: 1000 } });
    const { steps, order } = sceneOf(pure);

    const first = await callTool(steps, callOf());
    const second = await callTool(steps, callOf());

    assert(first === second);
    assertEquals(order.filter((step) => step === "run").length, 1);
    assertEquals(order.filter((step) => step === "record").length, 2);
  });

  it("records every way in which a call can end, once", async () => {
    const failures: readonly [string, Partial<CallSteps>, Partial<Parameters<typeof callOf>[0]>][] =
      [
        [
          "unknown_tool",
          {
            registry: {
              loaded: () => undefined,
              resolve: () => Promise.reject(new InputError("unknown_tool", "No such tool")),
            },
          },
          {},
        ],
        ["invalid_input", {}, { input: { wrong: 1 } }],
        [
          "queue_full",
          {
            limits: {
              admit: () => {
                throw new UnavailableError("queue_full", "Full");
              },
            },
          },
          {},
        ],
        [
          "tool_failed",
          { router: { run: () => Promise.reject(new ToolError("tool_failed", "Broke")) } },
          {},
        ],
      ];
    for (const [code, more, call] of failures) {
      const { steps, outcomes } = sceneOf(targetOf(), more);

      const error = await assertRejects(() => callTool(steps, callOf(call)));

      assertEquals((error as Error & { code?: string }).code, code);
      assertEquals(
        outcomes.map((outcome) => outcome.error),
        [error],
      );
      assertEquals(outcomes[0]?.target === undefined, code === "unknown_tool");
    }
  });

  it("gives back what it was admitted with, also when the handler fails", async () => {
    const { steps, order } = sceneOf(targetOf(), {
      router: { run: () => Promise.reject(new RangeError("bug")) },
    });

    await assertRejects(() => callTool(steps, callOf()), RangeError);

    assertEquals(order.slice(-2), ["end", "record"]);
  });
});

describe("checkCall()", () => {
  it("does what comes before a call runs, and no more", async () => {
    const { steps, order, outcomes } = sceneOf(targetOf());

    const { target, input } = await checkCall(steps, callOf());

    assertEquals([target.name, input], ["probe", {}]);
    assertEquals(order, ["loaded", "parse", "authorize"]);
    assertEquals(outcomes, []);
  });

  it("records a call that is refused, as its end", async () => {
    const refused = new AuthError("capability_missing", "no");
    const { steps, outcomes } = sceneOf(targetOf(), {
      authorize: () => {
        throw refused;
      },
    });

    await assertRejects(() => checkCall(steps, callOf()), AuthError);

    assertEquals(
      outcomes.map(({ error }) => error),
      [refused],
    );
  });
});
