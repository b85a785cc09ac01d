/**
 * Subscriptions to resources in the modern era last as long as the stream that listens. The sources
 * of the resources are told of its begin and its end.
 *
 * @module
 */

import type { Engine } from "../mcp/engine.ts";
import type { Caller } from "../registry/caller.ts";

/** What the subscriptions of a stream need. */
export interface ListeningNeeds {
  readonly engine: Pick<Engine, "offers">;
  readonly report: (error: Error) => void;
}

/** `response`, and while it streams, the resources that its request named are watched. */
export async function whileListening(
  response: Response,
  message: unknown,
  caller: Caller,
  { engine: { offers }, report }: ListeningNeeds,
): Promise<Response> {
  const uris = listenedUris(message);
  const { body } = response;
  if (uris.length === 0 || !response.ok || !body) return response;
  await Promise.allSettled(uris.map((uri) => offers.subscribe(uri, caller)));
  const stop = (): void => {
    for (const uri of uris) offers.unsubscribe(uri, caller).catch(report);
  };
  return new Response(observed(body, stop), response);
}

function listenedUris(message: unknown): readonly string[] {
  const { method, params } = message as {
    method?: unknown;
    params?: { notifications?: { resourceSubscriptions?: unknown } };
  };
  const uris = params?.notifications?.resourceSubscriptions;
  if (method !== "subscriptions/listen" || !Array.isArray(uris)) return [];
  return [...new Set(uris.filter((uri) => typeof uri === "string"))];
}

/** The same bytes; calls `ended` once, whoever ends the stream. */
function observed(body: ReadableStream<Uint8Array>, ended: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        controller.close();
        ended();
      } catch (error) {
        ended();
        throw error;
      }
    },
    cancel(reason) {
      ended();
      return reader.cancel(reason);
    },
  });
}
