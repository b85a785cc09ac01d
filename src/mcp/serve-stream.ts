/**
 * MCP over a pair of byte streams, one JSON message a line: stdio, or anything like it.
 *
 * Both eras, decided by the first message. Common requests are answered by the hot path; the rest
 * goes to the SDK.
 *
 * @module
 */

import type { JSONRPCMessage, Server, Transport } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { Caller } from "../registry/caller.ts";
import type { Change, Changes } from "./changes.ts";
import type { Engine, View } from "./engine.ts";
import type { HotPath } from "./hot-path.ts";
import { META_KEY, MODERN_VERSION, RPC_CODE } from "./protocol.ts";
import type { RequestStateSeal } from "./request-state.ts";
import { createSdkServer } from "./sdk-server.ts";

/** What serving a stream needs. */
export interface ServeStreamNeeds {
  readonly engine: Engine;
  readonly hotPath: HotPath;
  readonly seal: RequestStateSeal;
  readonly changes: Changes;
  readonly view: View;
  readonly caller: Caller;
  readonly report: (error: Error) => void;
}

/** A longer line is refused; the connection goes on. */
const MAX_LINE_LENGTH = 16 * 1024 * 1024;

/** Serve until the input ends. */
export async function serveStream(
  needs: ServeStreamNeeds,
  input: ReadableStream<Uint8Array>,
  output: WritableStream<Uint8Array>,
): Promise<void> {
  const connection = new StreamConnection(needs, output);
  const { engine, seal, view, caller, report } = needs;
  const handle = serveStdio(
    () =>
      connection.tellChanges(
        createSdkServer({ engine, seal, view, caller, ...connection.subscriptions }),
      ),
    { transport: connection, onerror: report },
  );
  try {
    await connection.readAll(input);
  } finally {
    await handle.close();
    await connection.finish();
  }
}

type Message = Readonly<Record<string, unknown>>;

/** The SDK's view of the stream, with the hot path in front of it. */
class StreamConnection implements Transport {
  readonly #needs: ServeStreamNeeds;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #encoder = new TextEncoder();
  /** Calls that the hot path runs, by the id under which the client may cancel them. */
  readonly #running = new Map<unknown, AbortController>();
  readonly #answering = new Set<Promise<void>>();
  readonly #subscribed = new Set<string>();
  #unsubscribe: (() => void) | undefined;
  #era: "opening" | "modern" | "legacy" = "opening";
  #wantsLogs = false;
  onmessage?: (message: JSONRPCMessage) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;

  constructor(needs: ServeStreamNeeds, output: WritableStream<Uint8Array>) {
    this.#needs = needs;
    this.#writer = output.getWriter();
  }

  /** How the SDK's server tells which resources the client listens to. */
  readonly subscriptions: {
    readonly onSubscribe: (uri: string) => void;
    readonly onUnsubscribe: (uri: string) => void;
  } = {
    onSubscribe: (uri) => void this.#subscribed.add(uri),
    onUnsubscribe: (uri) => void this.#subscribed.delete(uri),
  };

  start(): Promise<void> {
    return Promise.resolve();
  }

  send(message: JSONRPCMessage): Promise<void> {
    return this.#write(JSON.stringify(message));
  }

  close(): Promise<void> {
    this.#unsubscribe?.();
    for (const controller of this.#running.values()) controller.abort(new Error("disconnected"));
    this.onclose?.();
    return Promise.resolve();
  }

  #write(line: string): Promise<void> {
    return this.#writer.write(this.#encoder.encode(`${line}\n`));
  }

  /** Answers that are under way are still written; then the output is released. */
  async finish(): Promise<void> {
    await Promise.allSettled([...this.#answering]);
    this.#writer.releaseLock();
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
    if (change.kind === "tools_list_changed" && this.#needs.view !== "meta") {
      await server.sendToolListChanged();
    }
    if (change.kind === "prompts_list_changed") await server.sendPromptListChanged();
    if (change.kind === "resources_list_changed") await server.sendResourceListChanged();
    if (change.kind === "resource_updated" && this.#listens(change.uri)) {
      await server.sendResourceUpdated({ uri: change.uri });
    }
  }

  /** The SDK filters modern subscriptions itself. */
  #listens(uri: string): boolean {
    return this.#era === "modern" || this.#subscribed.has(uri);
  }

  async readAll(input: ReadableStream<Uint8Array>): Promise<void> {
    let pending = "";
    for await (const chunk of input.pipeThrough(
      new TextDecoderStream() as TransformStream<Uint8Array, string>,
    )) {
      const lines = (pending + chunk).split("\n");
      pending = lines.pop() ?? "";
      for (const line of lines) this.#receive(line);
      if (pending.length > MAX_LINE_LENGTH) {
        pending = "";
        this.#refuse(
          RPC_CODE.invalidRequest,
          `A message must not be longer than ${MAX_LINE_LENGTH} characters`,
        );
      }
    }
    this.#receive(pending);
  }

  #receive(line: string): void {
    if (line.trim() === "") return;
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      this.#refuse(RPC_CODE.parseError, "A line is not JSON; send one JSON-RPC message a line");
      return;
    }
    if (typeof message !== "object" || message === null || Array.isArray(message)) {
      this.#refuse(
        RPC_CODE.invalidRequest,
        "A line must be one JSON-RPC message; batches are not supported",
      );
      return;
    }
    this.#deliver(message as Message);
  }

  #refuse(code: number, message: string): void {
    this.#write(JSON.stringify({ jsonrpc: "2.0", id: null, error: { code, message } })).catch(
      this.#needs.report,
    );
  }

  #deliver(message: Message): void {
    if (message.method === "notifications/cancelled" && this.#cancel(message)) return;
    const toSdk = (): void => {
      this.#note(message);
      // Its shape is the SDK's to judge.
      this.onmessage?.(message as unknown as JSONRPCMessage);
    };
    const hot = this.#hotAnswer(message);
    if (!hot) {
      toSdk();
      return;
    }
    const answering = hot.then(
      (answer) => (answer === undefined ? toSdk() : this.#write(answer)),
      this.#needs.report,
    );
    this.#answering.add(answering);
    answering.catch(this.#needs.report).finally(() => {
      this.#answering.delete(answering);
      this.#running.delete(message.id);
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

  #cancel({ params }: Message): boolean {
    const id = (params as { requestId?: unknown } | undefined)?.requestId;
    const controller = this.#running.get(id);
    controller?.abort(new Error("cancelled by the client"));
    return controller !== undefined;
  }

  #hotAnswer(message: Message): Promise<string | undefined> | undefined {
    // Discovery pins the era inside the SDK, so it must see that one.
    if (this.#era === "opening" || message.method === "server/discover") return undefined;
    const { hotPath, view, caller } = this.#needs;
    const controller = new AbortController();
    const signal = (): AbortSignal => controller.signal;
    const request = { message, view, caller, signal, wantsLogs: this.#wantsLogs };
    // A legacy client that can be asked something keeps to the SDK: only it knows its capabilities.
    const hot = this.#era === "modern" ? hotPath.modern(request) : hotPath.legacy(request, ASKABLE);
    if (hot) this.#running.set(message.id, controller);
    return hot;
  }
}

/** Capabilities under which the hot path leaves every interactive tool to the SDK. */
const ASKABLE = { elicitation: {}, sampling: {}, roots: {} } as const;
