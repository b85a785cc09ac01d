import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { createMcpScene } from "../../support/mcp-scene.ts";
import { modernMessage, post, rpcAnswer } from "../../support/messages.ts";

async function errorOf(
  method: string,
  params: object,
): Promise<{ readonly code: number; readonly message: string; readonly data?: unknown }> {
  const message = modernMessage({ jsonrpc: "2.0", id: 1, method, params });
  // What is no text cannot be a header: these requests come as over a stream that has none.
  const { error } = await rpcAnswer(await createMcpScene().ask(post(message)));
  assert(error);
  return error as { code: number; message: string };
}

describe("a request with wrong parameters", () => {
  it("is answered with the fault in words, and the code that says whose it is", async () => {
    assertEquals(await errorOf("prompts/list", { cursor: 7 }), {
      code: -32602,
      message:
        "Invalid params for prompts/list: /params/cursor: Invalid input: expected string, received number",
      data: { code: "invalid_input" },
    });
    const { code, message } = await errorOf("tools/call", { name: "add", arguments: [] });
    assertEquals(
      [code, message],
      [
        -32602,
        "Invalid tools/call request: /params/arguments: Invalid input: expected record, received array",
      ],
    );
  });

  it("is answered with what our own engine says of it, where that is who refuses it", async () => {
    const { code, message, data } = await errorOf("resources/read", { uri: "note://z" });

    assertEquals(
      [code, message],
      [-32602, 'There is no resource "note://z"; resources/list shows what there is'],
    );
    assertEquals((data as { uri: string }).uri, "note://z");
  });
});
