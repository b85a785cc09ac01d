/**
 * MCP over a two-way channel of whole messages: lines of stdio, frames of a mesh stream.
 *
 * Both eras, decided by the first message. Common requests are answered by the hot path; the rest
 * goes to the SDK.
 *
 * @module
 */

import type { JSONRPCMessage, Server, Transport } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { Clock } from "../concurrency/clock.ts";
import type { Caller } from "../registry/caller.ts";
import type { Change, Changes } from "./changes.ts";
import type { Engine, View } from "./engine.ts";
import { ExtensionListens } from "./extension-listens.ts";
import type { HotPath } from "./hot-path.ts";
import { isFields, isId, kindOf } from "./message-kind.ts";
import type { MessageServer } from "./message-server.ts";
import { META_KEY, MODERN_VERSION, RPC_CODE } from "./protocol.ts";
import type { RequestStateSeal } from "./request-state.ts";
import { anyRpcErrorOf, type RpcError } from "./results.ts";
import { NO_ANSWER, RunningCalls } from "./running-calls.ts";
import { createSdkServer } from "./sdk-server.ts";
import { tellChange } from "./tell-change.ts";

/** What serving messages needs. */
export interface ServeMessagesNeeds {
  readonly engine: Engine;
  readonly hotPath: HotPath;
  readonly seal: RequestStateSeal;
  readonly changes: Changes;
  readonly view: View;
  /** Asked at every request: a connection outlives a change of its caller's rights. */
  readonly caller: () => Caller;
  readonly clock: Pick<Clock, "after">;
  readonly report: (error: Error) => void;
  /** Send the text of one message to the client; `answers` is the id of the request it ends. */
  readonly write: (text: string, answers?: unknown) => Promise<void> | undefined;
}

/** How long requests may still take once the input has ended: what was sent gets its answers. */
const GRACE_MS = 1000;

/** Serve a client. */
export function serveMessages(needs: ServeMessagesNeeds): MessageServer {
  const connection = new MessageConnection(needs);
  const { engine, seal, view, caller, report } = needs;
  const { subscribed } = connection;
  const handle = serveStdio(
    () => connection.tellChanges(createSdkServer({ engine, seal, view, caller, subscribed })),
    { transport: connection, onerror: report },
  );
  return {
    receive: (message) => connection.receive(message),
    refuse: (message, code) => connection.refuse(message, code),
    drain: () => connection.drain(),
    close: () => handle.close(),
  };
}

type Message = Readonly<Record<string, unknown>>;

/** The SDK's view of the channel, with the hot path in front of it. */
class MessageConnection implements Transport {
  readonly #needs: ServeMessagesNeeds;
  readonly #calls = new RunningCalls();
  readonly #listens: ExtensionListens;
  /** Requests without an answer yet: ids of those at the SDK, promises of those on the hot path. */
  readonly #unanswered = new Set<unknown>();
  #idle: (() => void) | undefined;
  /** Resources that a legacy client listens to. */
  readonly subscribed: Set<string> = new Set();
  #unsubscribe: (() => void) | undefined;
  #era: "opening" | "modern" | "legacy" = "opening";
  #wantsLogs = false;
  onmessage?: (message: JSONRPCMessage) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;

  constructor(needs: ServeMessagesNeeds) {
    this.#needs = needs;
    const tell = (message: Message): void => this.#write(JSON.stringify(message));
    this.#listens = new ExtensionListens(needs.engine.extensions, tell);
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const answers = "id" in message && !("method" in message) ? message.id : undefined;
    const passing = this.#listens.passing(message as unknown as Message);
    await this.#needs.write(JSON.stringify(passing.message), answers);
    passing.sent?.();
    if (answers !== undefined) this.#answered(answers);
  }

  close(): Promise<void> {
    this.#unsubscribe?.();
    this.#listens.close();
    this.#calls.abandon();
    this.onclose?.();
    return Promise.resolve();
  }

  /** Pass on changes of lists through this server, which lives as long as the connection. */
  tellChanges(server: Server): Server {
    this.#unsubscribe?.();
    this.#unsubscribe = this.#needs.changes.subscribe((change) => {
      this.#tell(server, change).catch(this.#needs.report);
    });
    return server;
  }

  async #tell(server: Server, change: Change): Promise<void> {
    if (this.#era === "opening") return;
    if (change.kind === "tools_list_changed" && this.#needs.view === "meta") return;
    // The SDK filters modern subscriptions itself.
    const isModern = this.#era === "modern";
    await tellChange(server, change, (uri) => isModern || this.subscribed.has(uri));
  }

  refuse(message: string, code: number = RPC_CODE.invalidRequest): void {
    this.#fail(null, { code, message });
  }

  #fail(id: unknown, error: RpcError): void {
    this.#write(JSON.stringify({ jsonrpc: "2.0", id, error }), id ?? undefined);
  }

  #write(text: string, answers?: unknown): void {
    this.#needs.write(text, answers)?.catch(this.#needs.report);
  }

  receive(message: unknown): void {
    if (!isFields(message)) {
      this.refuse("A message must be one JSON-RPC object; batches are not supported");
      return;
    }
    const kind = kindOf(message);
    if (typeof kind === "string") this.#deliver(message);
    else {
      const { id } = message;
      this.#fail(isId(id) ? id : null, { code: RPC_CODE.invalidRequest, message: kind.message });
    }
  }

  #deliver(message: Message): void {
    if (this.#calls.cancelledBy(message)) return;
    const listening = this.#listens.before(message, this.#needs.caller);
    if (listening) {
      listening.then(
        (isWanted) => isWanted && this.#toSdk(message),
        (error: unknown) => this.#fail(message.id, anyRpcErrorOf(error)),
      );
      return;
    }
    const hot = this.#hotAnswer(message);
    if (!hot) {
      this.#toSdk(message);
      return;
    }
    const answering = hot
      .then(
        (answer) => {
          if (answer === undefined) this.#toSdk(message);
          else if (answer !== NO_ANSWER) this.#write(answer, message.id);
        },
        (error: unknown) => this.#fail(message.id, anyRpcErrorOf(error)),
      )
      .finally(() => this.#answered(answering));
    this.#unanswered.add(answering);
  }

  #toSdk(message: Message): void {
    this.#note(message);
    const { id, method } = message;
    // A subscription has no answer to wait for, nor has what the client takes back.
    if (method === "notifications/cancelled") {
      this.#answered((message.params as { requestId?: unknown } | undefined)?.requestId);
    } else if (id !== undefined && method !== undefined && method !== "subscriptions/listen") {
      this.#unanswered.add(id);
    }
    // Its shape is the SDK's to judge.
    this.onmessage?.(message as unknown as JSONRPCMessage);
  }

  #answered(request: unknown): void {
    this.#unanswered.delete(request);
    if (this.#unanswered.size === 0) this.#idle?.();
  }

  drain(): Promise<void> {
    if (this.#unanswered.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const disarm = this.#needs.clock.after(GRACE_MS, resolve);
      this.#idle = () => {
        disarm();
        resolve();
      };
    });
  }

  /** Until the SDK has seen a message that decides the era, nothing else may answer. */
  #note({ method, params }: Message): void {
    const meta = (params as { _meta?: Record<string, unknown> } | undefined)?._meta;
    if (method === "initialize") this.#era = "legacy";
    else if (method === "logging/setLevel") this.#wantsLogs = true;
    else if (meta?.[META_KEY.protocolVersion] === MODERN_VERSION && method !== "server/discover") {
      this.#era = "modern";
    }
  }

  #hotAnswer(message: Message): Promise<string | undefined> | undefined {
    // Discovery pins the era inside the SDK, so it must see that one.
    if (this.#era === "opening" || message.method === "server/discover") return undefined;
    const { hotPath, view, caller } = this.#needs;
    const wantsLogs = this.#wantsLogs;
    const notify = (text: string): void => this.#write(text);
    // A legacy client that can be asked something keeps to the SDK: only it knows its capabilities.
    return this.#calls.run(message.id, (signal) => {
      const request = { message, view, caller: caller(), signal, wantsLogs, notify };
      return this.#era === "modern" ? hotPath.modern(request) : hotPath.legacy(request, ASKABLE);
    });
  }
}

/** Capabilities under which the hot path leaves every interactive tool to the SDK. */
const ASKABLE = { elicitation: {}, sampling: {}, roots: {} } as const;
