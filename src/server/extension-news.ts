/**
 * The streams of `subscriptions/listen` with what extensions tell beside the core's changes.
 *
 * The SDK closes a stream on which it has nothing to tell, so it is asked for one resource more than
 * the client named: the stream, its end and its keep-alive stay the SDK's.
 *
 * @module
 */

import type { Extension, ExtensionTell, Listening } from "../mcp/extension.ts";
import { listenAt, listenMessageOf, stamped, withAcknowledged } from "../mcp/extension-listens.ts";
import { RpcFault } from "../mcp/rpc-fault.ts";
import type { Caller } from "../registry/caller.ts";

type Message = Readonly<Record<string, unknown>>;

/** No resource has this address. */
const KEEPS_OPEN = "mcplusplus:listening";
/** A client that leaves more than this unread is cut off; it may listen again. */
const MAX_UNREAD = 1_000;

/** The answer to a request that may be one to listen; `ask` has the SDK answer it. */
export async function withExtensionNews(
  message: Message,
  { extensions, caller }: { readonly extensions: readonly Extension[]; readonly caller: Caller },
  ask: (message: Message) => Promise<Response>,
): Promise<Response> {
  const listen = listenMessageOf(message);
  if (!listen) return ask(message);
  const news = new News(listen.id);
  let listening: Listening | undefined;
  try {
    const request = { caller, signal: news.signal };
    listening = await listenAt(extensions, listen, request, news.tell);
  } catch (error) {
    if (!(error instanceof RpcFault)) throw error;
    return Response.json({ jsonrpc: "2.0", id: listen.id, error: error.rpc }, { status: 400 });
  }
  if (!listening) return ask(message);
  const response = await ask(kept(message, listen.notifications));
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  if (!response.ok || !response.body || !isStream) {
    news.end();
    return response;
  }
  return new Response(news.joined(response.body, listening), response);
}

function kept(message: Message, notifications: Message): Message {
  const named = notifications.resourceSubscriptions;
  const uris: readonly unknown[] = Array.isArray(named) ? named : [];
  // What is no list is left for the SDK to refuse.
  if (named !== undefined && !Array.isArray(named)) return message;
  const filter = { ...notifications, resourceSubscriptions: [...uris, KEEPS_OPEN] };
  return { ...message, params: { ...(message.params as Message), notifications: filter } };
}

/** The acknowledgement, which is the first frame, in the client's terms. */
function acknowledgement(frame: string, { acknowledged }: Listening): string {
  const data = frame.slice(frame.indexOf("data: ") + "data: ".length).trim();
  const message = withAcknowledged(JSON.parse(data), acknowledged);
  const params = message.params as { readonly notifications: Message };
  const { resourceSubscriptions, ...others } = params.notifications;
  const uris = (resourceSubscriptions as readonly string[]).filter((uri) => uri !== KEEPS_OPEN);
  const notifications = { ...others, ...(uris.length > 0 && { resourceSubscriptions: uris }) };
  return frameOf({ ...message, params: { ...params, notifications } });
}

const frameOf = (message: Message): string =>
  `event: message\ndata: ${JSON.stringify(message)}\n\n`;

class News {
  readonly #subscription: unknown;
  readonly #ended = new AbortController();
  #stream: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(subscription: unknown) {
    this.#subscription = subscription;
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  readonly tell: ExtensionTell = (notification) => {
    const stream = this.#stream;
    if (!stream || this.signal.aborted) return;
    stream.enqueue(encoded(frameOf(stamped(this.#subscription, notification))));
    if ((stream.desiredSize ?? 0) > -MAX_UNREAD) return;
    this.end();
    stream.error(new Error(`The client left ${MAX_UNREAD} notifications unread`));
  };

  end(): void {
    this.#ended.abort();
  }

  /** The SDK's frames, and ours between them. */
  joined(body: ReadableStream<Uint8Array>, listening: Listening): ReadableStream<Uint8Array> {
    const reader = body.getReader();
    this.signal.addEventListener("abort", () => void reader.cancel().catch(() => undefined));
    let isAcknowledged = false;
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#stream = controller;
      },
      pull: async (controller) => {
        const { done, value } = await reader.read();
        if (this.signal.aborted) return;
        if (done) {
          this.end();
          controller.close();
        } else if (isAcknowledged) controller.enqueue(value);
        else {
          // The SDK writes a frame at a time, and this one first.
          isAcknowledged = true;
          controller.enqueue(encoded(acknowledgement(new TextDecoder().decode(value), listening)));
          listening.begin();
        }
      },
      cancel: () => this.end(),
    });
  }
}

const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);
