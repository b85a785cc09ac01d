/** A network that loses one connection, so that the client must resume where it was. @module */

import type { FetchHandler } from "../../src/host.ts";

/** Ends the stream of calls of `tool` after its first event, as a broken connection would. */
export function losesStream(fetch: FetchHandler, tool: string): FetchHandler {
  return async (request) => {
    const isPost = request.method === "POST";
    const isCall = isPost && (await request.clone().text()).includes(`"name":"${tool}"`);
    const response = await fetch(request);
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
    if (!isCall || !isStream || !response.body) return response;
    return new Response(firstChunk(response.body), response);
  };
}

function firstChunk(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value } = await reader.read();
      if (value) controller.enqueue(value);
      controller.close();
      await reader.cancel();
    },
  });
}
