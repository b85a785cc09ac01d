/**
 * Sessions of the legacy era: an SDK server and transport each, bound to the caller who began it.
 *
 * @module
 */

import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/server";
import type { Clock } from "../concurrency/clock.ts";
import type { Change, Changes } from "../mcp/changes.ts";
import type { View } from "../mcp/engine.ts";
import { createEventStore } from "../mcp/event-store.ts";
import { RunningCalls } from "../mcp/running-calls.ts";
import { createSdkServer, type SdkServerOptions } from "../mcp/sdk-server.ts";
import { tellChange } from "../mcp/tell-change.ts";
import type { Caller } from "../registry/caller.ts";
import type { ClientCapabilities } from "../registry/context.ts";

/** What sessions need. */
export interface SessionsNeeds extends Pick<SdkServerOptions, "engine" | "seal"> {
  readonly changesOf: (view: View) => Changes;
  readonly clock: Clock;
}

/** A running session. */
export interface Session {
  readonly view: View;
  readonly caller: Caller;
  readonly client: ClientCapabilities;
  /** It set a log level. */
  readonly wantsLogs: boolean;
  /** What the hot path runs for this client. */
  readonly calls: RunningCalls;
  handle(request: Request, parsedBody: unknown): Promise<Response>;
}

/** The sessions of an endpoint. */
export interface Sessions {
  /** The session, if it is this caller's: another's id is as good as none. */
  find(id: string, caller: Caller): Session | undefined;
  /** Answer an `initialize` with a new session; anything else without one is refused by the SDK. */
  begin(request: Request, parsedBody: unknown, view: View, caller: Caller): Promise<Response>;
  readonly size: number;
  close(): Promise<void>;
}

/** A client that says nothing for this long must begin again. */
const IDLE_MS = 30 * 60_000;
const SWEEP_MS = 60_000;
/** How soon a client that lost its stream should ask for the rest. */
const RECONNECT_MS = 1000;
/** Past this number the one that was idle longest ends. */
const MAX_SESSIONS = 2000;

/** No sessions yet. */
export function createSessions(needs: SessionsNeeds): Sessions {
  return new LegacySessions(needs);
}

class LegacySession implements Session {
  readonly view: View;
  readonly calls: RunningCalls = new RunningCalls();
  readonly #needs: SessionsNeeds;
  caller: Caller;
  readonly #server: ReturnType<typeof createSdkServer>;
  readonly #transport: WebStandardStreamableHTTPServerTransport;
  readonly #subscribed = new Set<string>();
  #unsubscribe: (() => void) | undefined;
  lastSeen: number;
  wantsLogs = false;

  constructor(
    needs: SessionsNeeds,
    view: View,
    caller: Caller,
    began: (id: string, session: LegacySession) => void,
    ended: (id: string) => void,
  ) {
    this.view = view;
    this.#needs = needs;
    this.caller = caller;
    this.lastSeen = needs.clock.monotonic();
    this.#server = createSdkServer({
      engine: needs.engine,
      seal: needs.seal,
      view,
      caller: () => this.caller,
      subscribed: this.#subscribed,
    });
    this.#transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      eventStore: createEventStore(),
      retryInterval: RECONNECT_MS,
      onsessioninitialized: (id) => {
        this.#unsubscribe = needs.changesOf(view).subscribe((change) => void this.#tell(change));
        began(id, this);
      },
      onsessionclosed: (id) => ended(id),
    });
  }

  get client(): ClientCapabilities {
    return this.#server.getClientCapabilities() ?? {};
  }

  async open(): Promise<void> {
    await this.#server.connect(this.#transport);
  }

  handle(request: Request, parsedBody: unknown): Promise<Response> {
    if (setsLogLevel(parsedBody)) this.wantsLogs = true;
    return this.#transport.handleRequest(request, { parsedBody });
  }

  /** The same principal may have other rights than when it began: the newest request's count. */
  touch(caller: Caller): void {
    this.caller = caller;
    this.lastSeen = this.#needs.clock.monotonic();
  }

  async #tell(change: Change): Promise<void> {
    try {
      await tellChange(this.#server, change, (uri) => this.#subscribed.has(uri));
    } catch {
      // The stream to this client is gone; it learns of the change when it lists again.
    }
  }

  async close(): Promise<void> {
    this.#unsubscribe?.();
    this.calls.abandon();
    const { offers } = this.#needs.engine;
    await Promise.allSettled(
      [...this.#subscribed].map((uri) => offers.unsubscribe(uri, this.caller)),
    );
    await this.#server.close();
  }
}

function setsLogLevel(message: unknown): boolean {
  return (message as { method?: unknown } | undefined)?.method === "logging/setLevel";
}

class LegacySessions implements Sessions {
  readonly #needs: SessionsNeeds;
  readonly #sessions = new Map<string, LegacySession>();
  #stopSweep: (() => void) | undefined;

  constructor(needs: SessionsNeeds) {
    this.#needs = needs;
  }

  get size(): number {
    return this.#sessions.size;
  }

  find(id: string, caller: Caller): Session | undefined {
    const session = this.#sessions.get(id);
    if (session?.caller.id !== caller.id) return undefined;
    session.touch(caller);
    return session;
  }

  async begin(
    request: Request,
    parsedBody: unknown,
    view: View,
    caller: Caller,
  ): Promise<Response> {
    let hasBegun = false;
    const session = new LegacySession(
      this.#needs,
      view,
      caller,
      (id, begun) => {
        hasBegun = true;
        this.#add(id, begun);
      },
      (id) => this.#end(id),
    );
    await session.open();
    try {
      return await session.handle(request, parsedBody);
    } finally {
      // What was no `initialize` has been refused, and leaves nothing behind.
      if (!hasBegun) await session.close();
    }
  }

  #add(id: string, session: LegacySession): void {
    this.#sessions.set(id, session);
    if (this.#sessions.size > MAX_SESSIONS) {
      const [oldest] = [...this.#sessions].toSorted((a, b) => a[1].lastSeen - b[1].lastSeen);
      if (oldest) this.#end(oldest[0]);
    }
    this.#stopSweep ??= this.#needs.clock.after(SWEEP_MS, () => this.#sweep());
  }

  #sweep(): void {
    this.#stopSweep = undefined;
    const idleSince = this.#needs.clock.monotonic() - IDLE_MS;
    for (const [id, session] of this.#sessions) if (session.lastSeen < idleSince) this.#end(id);
    if (this.#sessions.size > 0) {
      this.#stopSweep = this.#needs.clock.after(SWEEP_MS, () => this.#sweep());
    }
  }

  #end(id: string): void {
    const session = this.#sessions.get(id);
    this.#sessions.delete(id);
    void session?.close();
  }

  async close(): Promise<void> {
    this.#stopSweep?.();
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    await Promise.all(sessions.map((session) => session.close()));
  }
}
