import { describe, it } from "node:test";
import { assert, assertEquals, assertExists, assertRejects } from "@std/assert";
import { InputError, ToolError } from "../../src/errors.ts";
import { anonymousCaller } from "../../src/registry/caller.ts";
import type { CallResult } from "../../src/registry/result.ts";
import { mount, program, textOf } from "../support/upstreams/mounted.ts";

const legacy = program("legacy-stdio");
const modern = program("modern-stdio");
const client = { elicitation: {} };

const accept = (name: string) => ({ action: "accept", content: { name } });

/** The key and message of the one question of an unfinished result. */
function questionOf({ resultType, inputRequests = {} }: CallResult): readonly [string, string] {
  assertEquals(resultType, "input_required");
  const [entry, ...more] = Object.entries(inputRequests);
  assertExists(entry);
  assertEquals(more, []);
  const [key, request] = entry;
  const { method, params } = request as { method: string; params: { message: string } };
  assertEquals(method, "elicitation/create");
  return [key, params.message];
}

describe("a mounted server that asks in the middle of a call", () => {
  it("of the legacy era gets the answer that a second round of the call brings", async (t) => {
    const { call } = await mount(t, { server: legacy });

    const asked = await call("greet", {}, { client });
    const [key, message] = questionOf(asked);
    const { requestState } = asked;
    const done = await call(
      "greet",
      {},
      { client, requestState, inputResponses: { [key]: accept("Ada") } },
    );

    assertEquals(message, "Your name?");
    assertEquals(textOf(done), "Hello Ada");
  });

  it("of the modern era gets the answer and its own state back", async (t) => {
    const { call } = await mount(t, { server: modern });

    const asked = await call("greet", {}, { client });
    const [key] = questionOf(asked);
    const { requestState } = asked;
    const inputResponses = { [key]: accept("Ada") };
    const done = await call("greet", {}, { client, requestState, inputResponses });

    assertEquals(textOf(done), "Hello Ada, kept for you");
  });

  it("may ask again, in the same call", async (t) => {
    const { call } = await mount(t, { server: legacy });

    const first = await call("greet_twice", {}, { client });
    const [firstKey] = questionOf(first);
    const second = await call(
      "greet_twice",
      {},
      {
        client,
        requestState: first.requestState,
        inputResponses: { [firstKey]: accept("Ada") },
      },
    );
    const [secondKey, message] = questionOf(second);
    const done = await call(
      "greet_twice",
      {},
      {
        client,
        requestState: second.requestState,
        inputResponses: { [secondKey]: accept("Grace") },
      },
    );

    assertEquals(message, "Second?");
    assertEquals(textOf(done), "Ada Grace");
  });

  it("asks the same again while nobody answers", async (t) => {
    const { call } = await mount(t, { server: legacy });
    const asked = await call("greet", {}, { client });

    const again = await call("greet", {}, { client, requestState: asked.requestState });

    assertEquals(questionOf(again), questionOf(asked));
  });

  it("lists roots through the client that calls", async (t) => {
    const { call } = await mount(t, { server: legacy });
    const withRoots = { client: { roots: {} } };

    const asked = await call("roots", {}, withRoots);
    const [key] = Object.keys(asked.inputRequests ?? {});
    const done = await call(
      "roots",
      {},
      {
        ...withRoots,
        requestState: asked.requestState,
        inputResponses: { [String(key)]: { roots: [{ uri: "file:///home/ada" }] } },
      },
    );

    assertEquals(textOf(done), "file:///home/ada");
  });

  it("is declined where the client cannot be asked", async (t) => {
    const { call } = await mount(t, { server: legacy });

    assertEquals(textOf(await call("greet")), "decline");
    assertEquals(textOf(await call("greet", {}, { client: { roots: {} } })), "decline");
    const noRoots = await call("roots", {}, { client });
    assertEquals(noRoots.isError, true);
  });

  it("cannot be answered by anybody else, nor twice", async (t) => {
    const { call } = await mount(t, { server: legacy });
    const asked = await call("greet", {}, { client });
    const [key] = questionOf(asked);
    const round = {
      client,
      requestState: asked.requestState,
      inputResponses: { [key]: accept("Eve") },
    };

    await assertRejects(
      () => call("greet", {}, { ...round, caller: anonymousCaller }),
      InputError,
      "no longer waits",
    );
    await assertRejects(() => call("greet_twice", {}, round), InputError, "no longer waits");
    assertEquals(textOf(await call("greet", {}, round)), "Hello Eve");
    await assertRejects(() => call("greet", {}, round), InputError, "no longer waits");
  });

  it("is refused when it does not say which of two calls it asks for", async (t) => {
    const { call } = await mount(t, { server: legacy });
    const waiting = await call("greet", {}, { client });
    questionOf(waiting);

    const other = await call("greet", {}, { client, caller: anonymousCaller });

    assertEquals(other.isError, true);
    assert(textOf(other).includes("does not say which one it is for"));
  });

  it("of the modern era is not asked to continue what it never began", async (t) => {
    const { call } = await mount(t, { server: modern });

    await assertRejects(
      () => call("greet", {}, { client, requestState: "made up", inputResponses: {} }),
      InputError,
      "not one that this server gave",
    );
  });

  it("of the modern era refuses what its client cannot do", async (t) => {
    const { call } = await mount(t, { server: modern });

    await assertRejects(() => call("greet"), ToolError, "capabilit");
  });

  it("hears that its caller gave up while it waited for the answer", async (t) => {
    const { call } = await mount(t, { server: legacy });
    const asked = await call("greet", {}, { client });
    const controller = new AbortController();
    controller.abort(new Error("gone"));

    const round = { client, requestState: asked.requestState, signal: controller.signal };
    const [key] = questionOf(asked);
    await assertRejects(
      () => call("greet", {}, { ...round, inputResponses: { [key]: accept("Ada") } }),
      Error,
      "gone",
    );

    // The call is over for the server too, so the next one is the only one again.
    questionOf(await call("greet", {}, { client }));
  });
});
