/**
 * A live connection to a mounted server: negotiated, listening, and ready for requests.
 *
 * @module
 */

import {
  Client,
  type McpSubscription,
  type PriorDiscovery,
  type ServerCapabilities,
  type Transport,
} from "@modelcontextprotocol/client";
import type { Clock } from "../concurrency/clock.ts";
import { withDeadline } from "../concurrency/deadline.ts";
import { DeadlineError, UnavailableError } from "../errors.ts";
import { Link } from "./link.ts";
import type { LinkEvents, LinkRequest, RpcError, RpcObject, ServerRequest } from "./rpc.ts";
import type { StdioTransport } from "./stdio-transport.ts";

/** What a mounted server said of itself when the connection was made. */
export interface ServerFacts {
  readonly era: "modern" | "legacy";
  /** Name and version. */
  readonly server: string | undefined;
  readonly title: string | undefined;
  readonly instructions: string | undefined;
  readonly capabilities: ServerCapabilities;
  /** Lets the next connection skip the question which era the server speaks. */
  readonly prior: PriorDiscovery;
}

/** A live connection. */
export interface Connection extends ServerFacts {
  readonly pid: number | undefined;
  /** Characters removed from what this connection brought, so far. */
  readonly stripped: number;
  request(method: string, params: RpcObject, request?: LinkRequest): Promise<RpcObject>;
  answer(
    request: ServerRequest,
    outcome: { readonly result: unknown } | { readonly error: RpcError },
  ): void;
  /** Be told of changes to these resources; replaces what was asked before. */
  watchResources(uris: readonly string[]): Promise<void>;
  /** Resolves when the connection is over, with the reason. */
  readonly closed: Promise<Error>;
  close(): Promise<void>;
}

/** How to connect. */
export interface ConnectOptions {
  readonly upstream: string;
  readonly transport: Transport | StdioTransport;
  readonly version: string;
  readonly events: Pick<LinkEvents, "notification" | "request">;
  readonly prior: PriorDiscovery | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Told of what went wrong beside the requests. */
  readonly trouble: (error: unknown) => void;
  /** What a failed message, or the end of the connection (`undefined`), means. */
  readonly explain: (error: unknown) => { readonly error: Error; readonly isLost: boolean };
}

/** What legacy servers may ask us for: whoever calls one of their tools answers. */
const legacyCapabilities = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };

const PROBE_MS = 15_000;
const END_SESSION_MS = 1_000;

/** Connect, and agree on an era. */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { upstream, transport } = options;
  const lost = Promise.withResolvers<Error>();
  const events: LinkEvents = {
    ...options.events,
    ended: () => options.explain(undefined).error,
    unsent(error) {
      const explained = options.explain(error);
      if (explained.isLost) {
        link.fail(explained.error);
        lost.resolve(explained.error);
      }
      return explained.error;
    },
  };
  const link = new Link(upstream, transport, events);
  // By these two members the SDK knows a program, where silence means an old server.
  if ("pid" in transport) Object.assign(link, { stderr: null, pid: transport.pid });
  const client = new Client(
    { name: "mcplusplus", version: options.version },
    {
      capabilities: legacyCapabilities,
      versionNegotiation: {
        mode: "auto",
        probe: { timeoutMs: Math.min(PROBE_MS, options.timeoutMs / 2) },
      },
    },
  );
  // Asked outside of a call: the gateway itself has no folders to show.
  client.setRequestHandler("roots/list", () => ({ roots: [] }));
  client.onerror = options.trouble;
  client.onclose = () => lost.resolve(options.explain(undefined).error);
  // Before the era is known a legacy server may already ask (roots right after `initialized`).
  link.isLegacy = true;
  await client.connect(link, {
    timeout: options.timeoutMs,
    signal: options.signal,
    ...(options.prior && { prior: options.prior }),
  });
  return live(options, { link, client, closed: lost.promise });
}

interface Parts {
  readonly link: Link;
  readonly client: Client;
  readonly closed: Promise<Error>;
}

async function live(options: ConnectOptions, parts: Parts): Promise<Connection> {
  const { link, client, closed } = parts;
  const facts = factsOf(client);
  link.isLegacy = facts.era === "legacy";
  if (facts.era === "modern") {
    link.envelope = {
      protocolVersion: client.getNegotiatedProtocolVersion() ?? "2026-07-28",
      clientInfo: { name: "mcplusplus", version: options.version },
    };
  }
  const watcher = createWatcher(options, parts, facts);
  // A server that cannot say what changed still works.
  await watcher.watch([]).catch(options.trouble);
  const { transport } = options;
  return {
    ...facts,
    pid: "pid" in transport ? transport.pid : undefined,
    get stripped() {
      return link.stripped.count;
    },
    request: (method, params, request) => link.request(method, params, request),
    answer: ({ id }, outcome) => link.answer(id, outcome),
    watchResources: (uris) => watcher.watch(uris),
    closed,
    async close() {
      link.fail(
        new UnavailableError("upstream_unavailable", `"${options.upstream}" was stopped`, {
          data: { upstream: options.upstream },
        }),
      );
      if ("terminateSession" in transport) await endSession(options, transport);
      await client.close();
    },
  };
}

/** A courtesy to an HTTP server, which may be gone already: nobody waits long for it. */
async function endSession(
  { clock, upstream }: ConnectOptions,
  transport: { readonly terminateSession: unknown },
): Promise<void> {
  const { terminateSession } = transport as { terminateSession(): Promise<void> };
  const expired = (): Error =>
    new DeadlineError("deadline_exceeded", `"${upstream}" did not end the session in time`);
  const ended = terminateSession.call(transport);
  await withDeadline(ended, { clock, ms: END_SESSION_MS, expired }).catch(() => {});
}

function factsOf(client: Client): ServerFacts {
  const discover = client.getDiscoverResult();
  const server = client.getServerVersion();
  return {
    era: client.getProtocolEra() ?? "legacy",
    server: server && `${server.name} ${server.version}`,
    title: server?.title,
    instructions: client.getInstructions(),
    capabilities: client.getServerCapabilities() ?? {},
    prior: discover ? { kind: "modern", discover } : { kind: "legacy" },
  };
}

const LISTEN_AGAIN_MS = 2_000;

/** Changes of lists and resources: legacy servers send them unasked, modern ones on a stream. */
function createWatcher(
  { clock, trouble }: ConnectOptions,
  { link, client, closed }: Parts,
  { era, capabilities }: ServerFacts,
): { watch(uris: readonly string[]): Promise<void> } {
  const lists = {
    ...(capabilities.tools?.listChanged && { toolsListChanged: true }),
    ...(capabilities.prompts?.listChanged && { promptsListChanged: true }),
    ...(capabilities.resources?.listChanged && { resourcesListChanged: true }),
  };
  const over = new AbortController();
  void closed.then((reason) => over.abort(reason));
  let subscription: McpSubscription | undefined;
  let watched: ReadonlySet<string> = new Set();

  const subscribe = async (uris: ReadonlySet<string>): Promise<void> => {
    const before = watched;
    watched = uris;
    for (const uri of uris) {
      if (!before.has(uri)) await link.request("resources/subscribe", { uri });
    }
    for (const uri of before) {
      if (!uris.has(uri)) await link.request("resources/unsubscribe", { uri });
    }
  };
  const listen = async (uris: readonly string[]): Promise<void> => {
    const filter = { ...lists, ...(uris.length > 0 && { resourceSubscriptions: [...uris] }) };
    const before = subscription;
    subscription = Object.keys(filter).length > 0 ? await client.listen(filter) : undefined;
    if (subscription) void listenAgain(subscription, uris);
    await before?.close();
  };
  const listenAgain = async (opened: McpSubscription, uris: readonly string[]): Promise<void> => {
    try {
      if ((await opened.closed) === "local") return;
      await clock.sleep(LISTEN_AGAIN_MS, over.signal);
      if (subscription === opened) await listen(uris);
    } catch (error) {
      if (!over.signal.aborted) trouble(error);
    }
  };
  return {
    watch: (uris) => (era === "modern" ? listen(uris) : subscribe(new Set(uris))),
  };
}
