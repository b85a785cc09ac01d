/**
 * What extensions tell clients that listen. The SDK serves `subscriptions/listen` and knows the core's
 * filter only; what extensions agreed to is put into its acknowledgement, and told beside its news.
 *
 * @module
 */

import type { Caller } from "../registry/caller.ts";
import type { ClientCapabilities } from "../registry/context.ts";
import type { Extension, ExtensionTell, Listening, ListenRequest } from "./extension.ts";
import { isFields } from "./message-kind.ts";
import { META_KEY } from "./protocol.ts";

type Message = Readonly<Record<string, unknown>>;

/** A client that begins to listen. */
export interface ListenMessage {
  readonly id: unknown;
  readonly notifications: Message;
  readonly client: ClientCapabilities;
}

/** The notification that begins a subscription. */
export const ACKNOWLEDGED = "notifications/subscriptions/acknowledged";

/** A modern request to listen; what else is wrong with one, the SDK says. */
export function listenMessageOf(message: Message): ListenMessage | undefined {
  if (message.method !== "subscriptions/listen" || !isFields(message.params)) return undefined;
  const { notifications, _meta: meta } = message.params;
  if (!isFields(notifications) || !isFields(meta)) return undefined;
  const client = meta[META_KEY.clientCapabilities];
  return { id: message.id, notifications, client: isFields(client) ? client : {} };
}

/** Ask all extensions; `undefined` where none has anything to tell. */
export async function listenAt(
  extensions: readonly Extension[],
  { notifications, client }: ListenMessage,
  { caller, signal }: { readonly caller: Caller; readonly signal: AbortSignal },
  tell: ExtensionTell,
): Promise<Listening | undefined> {
  const request: ListenRequest = { notifications, client, caller, signal };
  const agreed: Listening[] = [];
  for (const extension of extensions) {
    const listening = await extension.listen?.(request, tell);
    if (listening) agreed.push(listening);
  }
  if (agreed.length === 0) return undefined;
  return {
    acknowledged: Object.assign({}, ...agreed.map(({ acknowledged }) => acknowledged)),
    begin() {
      for (const listening of agreed) listening.begin();
    },
  };
}

/** A notification as one of a subscription. */
export function stamped(
  subscription: unknown,
  { method, params }: Parameters<ExtensionTell>[0],
): Message {
  const about = isFields(params._meta) ? params._meta : {};
  const _meta = { ...about, [META_KEY.subscriptionId]: subscription };
  return { jsonrpc: "2.0", method, params: { ...params, _meta } };
}

/** The SDK's acknowledgement with what extensions agreed to. */
export function withAcknowledged(message: Message, acknowledged: Message): Message {
  const params = isFields(message.params) ? message.params : {};
  const known = isFields(params.notifications) ? params.notifications : {};
  return { ...message, params: { ...params, notifications: { ...known, ...acknowledged } } };
}

interface Open {
  readonly abort: AbortController;
  listening?: Listening;
}

/** The listening requests of one connection that extensions have a part in. */
export class ExtensionListens {
  readonly #extensions: readonly Extension[];
  readonly #write: (message: Message) => void;
  readonly #open = new Map<unknown, Open>();

  constructor(extensions: readonly Extension[], write: (message: Message) => void) {
    this.#extensions = extensions.filter(({ listen }) => listen !== undefined);
    this.#write = write;
  }

  /**
   * Ask the extensions before the SDK is asked; `undefined` where the message is none of theirs.
   * Resolves with whether the SDK is to be asked still; rejects with what the client must be told.
   */
  before(message: Message, caller: () => Caller): Promise<boolean> | undefined {
    if (this.#extensions.length === 0) return undefined;
    if (message.method === "notifications/cancelled") this.#cancel(message);
    const listen = listenMessageOf(message);
    return listen && this.#begin(listen, caller());
  }

  async #begin(listen: ListenMessage, caller: Caller): Promise<boolean> {
    const { id } = listen;
    const open: Open = { abort: new AbortController() };
    this.#open.set(id, open);
    const { signal } = open.abort;
    try {
      const listening = await listenAt(this.#extensions, listen, { caller, signal }, (news) => {
        if (!signal.aborted) this.#write(stamped(id, news));
      });
      if (listening) open.listening = listening;
      else this.#open.delete(id);
      return !signal.aborted;
    } catch (error) {
      this.#open.delete(id);
      throw error;
    }
  }

  /** A message that the SDK sends; `sent` is to be called when the client has it. */
  passing(message: Message): { readonly message: Message; readonly sent?: () => void } {
    if (this.#open.size === 0) return { message };
    if ("id" in message && !("method" in message)) this.#end(message.id);
    if (message.method !== ACKNOWLEDGED || !isFields(message.params)) return { message };
    const meta = isFields(message.params._meta) ? message.params._meta : {};
    const listening = this.#open.get(meta[META_KEY.subscriptionId])?.listening;
    if (!listening) return { message };
    return {
      message: withAcknowledged(message, listening.acknowledged),
      sent: () => listening.begin(),
    };
  }

  #cancel({ params }: Message): void {
    if (isFields(params)) this.#end(params.requestId);
  }

  #end(id: unknown): void {
    this.#open.get(id)?.abort.abort();
    this.#open.delete(id);
  }

  close(): void {
    for (const { abort } of this.#open.values()) abort.abort();
    this.#open.clear();
  }
}
