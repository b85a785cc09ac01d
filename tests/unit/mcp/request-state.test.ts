import { describe, it } from "node:test";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { callerOf } from "../../support/callers.ts";
import { createMcpScene } from "../../support/mcp-scene.ts";
import { modernMessage, post, rpcAnswer } from "../../support/messages.ts";

type Json = Readonly<Record<string, unknown>>;

const ada = callerOf("*", "destructive", "key:ada");
const bob = callerOf("*", "destructive", "key:bob");
const answers = { who: { action: "accept", content: { name: "Ada" } } };

/** A call of `greet`, which asks for a name first. */
const greet = (more: Json = {}, args: Json = {}): Json =>
  modernMessage(
    {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "greet", arguments: args, ...more },
    },
    { elicitation: { form: {} } },
  );

interface Round {
  readonly result?: Json;
  readonly error?: { readonly code: number; readonly message: string };
}

/** The first round, and a way to try the second. */
async function asked(args: Json = {}): Promise<{
  readonly requestState: string;
  second(more: Json, caller?: typeof ada, args?: Json): Promise<Round>;
}> {
  const scene = createMcpScene();
  const ask = async (message: Json, caller: typeof ada): Promise<Round> =>
    rpcAnswer(await scene.ask(post(message), caller));
  const { result } = await ask(greet({}, args), ada);
  assertEquals(result?.resultType, "input_required");
  const requestState = result?.requestState;
  assert(typeof requestState === "string");
  return {
    requestState,
    second: (more, caller = ada, own = args) =>
      ask(greet({ inputResponses: answers, ...more }, own), caller),
  };
}

describe("the state between the rounds of a call", () => {
  it("comes back to its tool unchanged", async () => {
    const { requestState, second } = await asked();

    const { result } = await second({ requestState });

    assertEquals(result?.structuredContent, { greeting: "Hello Ada, kept for you" });
  });

  it("is refused where it was changed", async () => {
    const { requestState, second } = await asked();
    const last = requestState.at(-1) === "A" ? "B" : "A";
    for (const state of [
      `${requestState.slice(0, -2)}${last}${last}`,
      `x${requestState}`,
      requestState.slice(0, 20),
      "",
      "kept for you",
    ]) {
      const { error } = await second({ requestState: state });
      assertEquals(error?.code, -32602, state);
    }
  });

  it("is refused for another caller, other parameters and another tool", async () => {
    const { requestState, second } = await asked({ salt: "a" });

    assertEquals((await second({ requestState }, bob)).error?.code, -32602);
    assertEquals((await second({ requestState }, ada, { salt: "b" })).error?.code, -32602);
    const other = await second({ requestState, name: "dispatch", arguments: { tool: "greet" } });
    assertEquals(other.error?.code, -32602);
    assertNotEquals((await second({ requestState })).result, undefined);
  });

  it("is refused when its time is over", async (t) => {
    const { requestState, second } = await asked();
    t.mock.timers.enable({ apis: ["Date"], now: Date.now() + 11 * 60_000 });

    assertEquals((await second({ requestState })).error?.code, -32602);
    t.mock.timers.reset();

    assertNotEquals((await second({ requestState })).result, undefined);
  });
});
