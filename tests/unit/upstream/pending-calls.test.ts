import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { InputError, UnavailableError } from "../../../src/errors.ts";
import type { CallResult } from "../../../src/registry/result.ts";
import {
  type Answer,
  canBeAsked,
  createPendingCalls,
  type PendingCalls,
  type Question,
} from "../../../src/upstream/pending-calls.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";
import { contextOf } from "../../support/upstreams/mounted.ts";

const owner = { caller: "local", tool: "greet", input: { a: 1, b: 2 } };
const context = contextOf({ client: { elicitation: {} } });
const done: CallResult = { content: [{ type: "text", text: "done" }] };

function createScene(): { readonly pending: PendingCalls; readonly clock: FakeClock } {
  const clock = createFakeClock();
  let id = 0;
  const newId = (): string => String(++id);
  return { clock, pending: createPendingCalls({ upstream: "server", clock, newId }) };
}

/** A question, and the answers that it got. */
function createQuestion(method = "elicitation/create"): Question & { readonly answers: Answer[] } {
  const answers: Answer[] = [];
  return { method, params: {}, answers, answer: (answer) => void answers.push(answer) };
}

/** A call that ends when told to, or when it is stopped. */
function createCall(): {
  start(signal: AbortSignal): Promise<CallResult>;
  finish(): void;
  readonly stopped: () => boolean;
} {
  const result = Promise.withResolvers<CallResult>();
  let stopped = false;
  return {
    start(signal) {
      signal.addEventListener("abort", () => {
        stopped = true;
        result.reject(signal.reason);
      });
      return result.promise;
    },
    finish: () => result.resolve(done),
    stopped: () => stopped,
  };
}

describe("createPendingCalls()", () => {
  it("gives the answer to the server and the result to who comes back", async () => {
    const { pending, clock } = createScene();
    const [call, question] = [createCall(), createQuestion()];

    const begun = pending.begin(owner, context, call.start);
    pending.ask(question, 1);
    const asked = await begun;
    const round = { ...context, inputResponses: { q1: { action: "accept" } } };
    const resumed = pending.resume({ ...owner, input: { b: 2, a: 1 } }, round, "1");
    call.finish();

    assertEquals(asked.inputRequests, { q1: { method: "elicitation/create", params: {} } });
    assertEquals(asked.requestState, "1");
    assertEquals(question.answers, [{ result: { action: "accept" } }]);
    assertEquals(await resumed, done);
    assertEquals(clock.pending, 0);
  });

  it("gives up after ten minutes, and tells the server", async () => {
    const { pending, clock } = createScene();
    const [call, question] = [createCall(), createQuestion()];
    const begun = pending.begin(owner, context, call.start);
    pending.ask(question, 1);
    await begun;

    await clock.advance(600_000);

    assert(call.stopped());
    assertEquals(question.answers, [{ result: { action: "cancel" } }]);
    assertThrows(() => pending.resume(owner, context, "1"), InputError, "no longer waits");
  });

  it("belongs to one caller, tool and input", async () => {
    const { pending } = createScene();
    const begun = pending.begin(owner, context, createCall().start);
    pending.ask(createQuestion(), 1);
    await begun;

    for (const other of [{ caller: "key:eve" }, { tool: "other" }, { input: { a: 1 } }]) {
      assertThrows(
        () => pending.resume({ ...owner, ...other }, context, "1"),
        InputError,
        "no longer waits",
      );
    }
  });

  it("is bounded", async () => {
    const { pending } = createScene();
    const running = Array.from({ length: 100 }, () =>
      pending.begin(owner, context, createCall().start),
    );

    assertThrows(
      () => pending.begin(owner, context, createCall().start),
      UnavailableError,
      "100 calls",
    );

    pending.close();
    const ends = await Promise.allSettled(running);
    assert(ends.every(({ status }) => status === "rejected"));
  });

  it("asks nobody when it is not clear for whom", () => {
    const { pending } = createScene();
    const [nobody, model, unclear] = [
      createQuestion(),
      createQuestion("sampling/createMessage"),
      createQuestion(),
    ];

    pending.ask(nobody, 0);
    pending.ask(model, 0);
    pending.ask(unclear, 2);

    assertEquals(nobody.answers, [{ result: { action: "decline" } }]);
    for (const { answers } of [model, unclear]) assert(answers[0] && "error" in answers[0]);
  });

  it("frees its place when the call fails", async () => {
    const { pending, clock } = createScene();
    const failing = (): Promise<CallResult> => Promise.reject(new Error("broken"));

    await assertRejects(() => pending.begin(owner, context, failing), Error, "broken");

    assertEquals(clock.pending, 0);
    assertThrows(() => pending.resume(owner, context, "1"), InputError);
  });
});

describe("canBeAsked()", () => {
  it("heeds what the client declared", () => {
    const form = { method: "elicitation/create", params: {} };
    const url = { method: "elicitation/create", params: { mode: "url" } };
    const sampling = { method: "sampling/createMessage", params: {} };
    const roots = { method: "roots/list", params: {} };

    assert(canBeAsked({ elicitation: {} }, form) && !canBeAsked({ elicitation: {} }, url));
    assert(canBeAsked({ elicitation: { url: {} } }, url));
    assert(!canBeAsked({ elicitation: { url: {} } }, form));
    assert(canBeAsked({ elicitation: { form: {}, url: {} } }, form));
    assert(canBeAsked({ sampling: {} }, sampling) && !canBeAsked({ roots: {} }, sampling));
    assert(canBeAsked({ roots: {} }, roots) && !canBeAsked({}, roots) && !canBeAsked({}, form));
  });
});
