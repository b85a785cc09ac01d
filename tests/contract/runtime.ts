/** What a caller may rely on wherever a call runs: here, or at a peer. @module */

import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { DeadlineError, InputError, ToolError, UnavailableError } from "../../src/errors.ts";
import { localCaller } from "../../src/registry/caller.ts";
import type { CallResult } from "../../src/registry/result.ts";
import type { ToolCall } from "../../src/router/call.ts";
import type { Fixtures } from "../support/fixtures.ts";
import type { Cleanup } from "../support/harness.ts";

/** The fixtures, running somewhere. */
export interface RuntimeSubject {
  readonly fixtures: Fixtures;
  call(call: ToolCall): Promise<CallResult>;
}

/** Try a runtime; `open` starts one whose calls end with the test. */
export function testRuntime(name: string, open: (t: Cleanup) => Promise<RuntimeSubject>): void {
  const callOf = (tool: string, input: object, more: Partial<ToolCall> = {}): ToolCall => ({
    ...{ tool, input, caller: localCaller },
    ...more,
  });

  describe(`a call that runs ${name}`, () => {
    it("gives the result of its tool", async (t) => {
      const subject = await open(t);
      const { structuredContent } = await subject.call(callOf("add", { a: 1, b: 2 }));
      assertEquals(structuredContent, { sum: 3 });
    });

    it("fails as its tool failed, in the same family", async (t) => {
      const { call } = await open(t);
      const result = await call(callOf("fail", { how: "result" }));
      assertEquals([result.isError, result.content[0]?.text], [true, "it did not work"]);
      const busy = await assertRejects(
        () => call(callOf("fail", { how: "busy" })),
        UnavailableError,
      );
      assertEquals(busy.code, "upstream_unavailable");
    });

    it("says that its tool failed, with the sentence of the failure", async (t) => {
      const { call } = await open(t);
      // At a peer the failure of a tool is its result; here it is thrown and becomes one later.
      const said = async (how: string): Promise<string> => {
        try {
          const { isError, content } = await call(callOf("fail", { how }));
          assert(isError);
          return String(content[0]?.text);
        } catch (error) {
          return (error as Error).message;
        }
      };
      assert((await said("tool")).includes("The disk is full"));
      assert((await said("promise")).includes("later"));
    });

    it("refuses input that its tool does not take", async (t) => {
      const { call } = await open(t);
      const error = await assertRejects(() => call(callOf("add", { a: "one" })), InputError);
      assertEquals(error.code, "invalid_input");
    });

    it("tells progress in order", async (t) => {
      const { call } = await open(t);
      const steps: unknown[] = [];
      const events = { progress: (...step: unknown[]) => void steps.push(step), log() {} };
      await call(callOf("count", { to: 3 }, { events }));
      assertEquals(
        steps,
        [1, 2, 3].map((at) => [at, 3, `step ${at}`]),
      );
    });

    it("reaches its handler when it is cancelled", async (t) => {
      const { call, fixtures } = await open(t);
      const controller = new AbortController();
      const signal = (): AbortSignal => controller.signal;
      const waiting = call(callOf("wait", { key: "k" }, { signal }));
      await fixtures.moments.wait("started:k");
      controller.abort(new DeadlineError("cancelled", "never mind"));
      await assertRejects(() => waiting, DeadlineError, "never mind");
      await fixtures.moments.wait("cancelled:k");
    });

    it("asks its caller, and goes on with the answers", async (t) => {
      const { call } = await open(t);
      const client = { elicitation: { form: {} } };
      const asked = await call(callOf("greet", {}, { client }));
      assertEquals(asked.resultType, "input_required");
      const answers = { who: { action: "accept", content: { name: "Ada" } } };
      const { requestState = "" } = asked;
      const more = { client, inputResponses: answers, requestState };
      const { structuredContent } = await call(callOf("greet", {}, more));
      assertEquals(structuredContent, { greeting: "Hello Ada, kept for you" });
    });

    it("runs beside others, which end when they end", async (t) => {
      const { call, fixtures } = await open(t);
      const slow = call(callOf("seen", { moment: "m" }));
      await Promise.all(Array.from({ length: 30 }, (_, a) => call(callOf("add", { a, b: 1 }))));
      fixtures.moments.happened("m");
      assertEquals((await slow).structuredContent, { moment: "m" });
    });

    it("is no call where nobody has such a tool", async (t) => {
      const { call } = await open(t);
      const error = await assertRejects(() => call(callOf("no_such_tool", {})));
      assert(error instanceof InputError || error instanceof ToolError, String(error));
    });
  });
}
