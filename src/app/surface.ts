/** The ways to ask an app: HTTP and byte streams. @module */

import type { MeshNeeds } from "../app-types.ts";
import { createAuthenticator, withLocalToken } from "../auth/authenticate.ts";
import { peerCaller } from "../auth/peer-caller.ts";
import type { Config } from "../config/schema.ts";
import { createHotPath } from "../mcp/hot-path.ts";
import { createRequestStateSeal, type RequestStateSeal } from "../mcp/request-state.ts";
import { serveMessages } from "../mcp/serve-messages.ts";
import { serveStream } from "../mcp/serve-stream.ts";
import type { Caller } from "../registry/caller.ts";
import { allowedHosts, createGuard } from "../server/guard.ts";
import { createHttp, type Http } from "../server/http.ts";
import { createMcpEndpoint, type McpEndpoint } from "../server/mcp-endpoint.ts";
import type { Store } from "../storage/store.ts";
import { VERSION } from "../version.ts";
import type { Foundation } from "./foundation.ts";
import type { Toolbox } from "./toolbox.ts";

/** The open sides of an app. */
export interface Surface {
  fetch(request: Request): Promise<Response>;
  serveStream(
    input: ReadableStream<Uint8Array>,
    output: WritableStream<Uint8Array>,
    caller: Caller,
  ): Promise<void>;
  /** Begin to serve one stream of a peer. */
  servePeer: MeshNeeds["serve"];
  /** Take over settings that decide who is let in. */
  reconfigure(): void;
  close(): Promise<void>;
}

const SEAL_KEY = "secret/request-state";

/** The key that seals request state, the same after a restart. */
async function openSeal(store: Store): Promise<RequestStateSeal> {
  const known = await store.get(SEAL_KEY);
  if (known) return createRequestStateSeal(known);
  const key = crypto.getRandomValues(new Uint8Array(32));
  await store.write([{ key: SEAL_KEY, value: key }]);
  return createRequestStateSeal(key);
}

/** Open HTTP and streams over a toolbox. */
export async function createSurface(foundation: Foundation, toolbox: Toolbox): Promise<Surface> {
  const { clock, config, log, store } = foundation;
  const { engine, changes } = toolbox;
  const seal = await openSeal(store);
  const hotPath = createHotPath(engine);
  const report = (error: Error): void => log.debug("MCP", { error });
  const maxBodyBytes = (): number => config().listen.maxBodyBytes;
  const mcp = createMcpEndpoint({ engine, hotPath, seal, changes, clock, maxBodyBytes, report });
  const open = (): Http => openHttp(foundation, toolbox, mcp);
  let http = open();
  const retired: Http[] = [];
  foundation.metrics.watch("mcpp_sessions", "Open sessions of the legacy era", () => mcp.sessions);
  return {
    fetch: (request) => http.fetch(request),
    serveStream: (input, output, caller) => {
      const { view } = config();
      const needs = { engine, hotPath, seal, changes, view, caller, clock, report };
      return serveStream(needs, input, output);
    },
    servePeer: (peer, write) => {
      const caller = callerOfPeer(peer, config);
      const needs = { engine, hotPath, seal, changes, caller, clock, report, write };
      return serveMessages({ ...needs, view: "flat" });
    },
    reconfigure() {
      // Streams that are open stay so until the end; new requests meet the new rules.
      retired.push(http);
      http = open();
    },
    async close() {
      for (const one of [...retired, http]) one.close();
      await mcp.close();
    },
  };
}

/** A peer with the rights of the moment: a reload may give and take some. */
function callerOfPeer(peer: string, config: () => Config): () => Caller {
  let known: { readonly config: Config; readonly caller: Caller } | undefined;
  return () => {
    const current = config();
    if (known?.config !== current) {
      const rules = { allow: current.mesh.allow, isAnonymousOpen: current.auth.anonymous };
      known = { config: current, caller: peerCaller(peer, rules) };
    }
    return known.caller;
  };
}

function openHttp(foundation: Foundation, toolbox: Toolbox, mcp: McpEndpoint): Http {
  const { clock, config, feed, log, metrics } = foundation;
  const { auth, listen, name } = config();
  return createHttp({
    server: { name, version: VERSION },
    config: (): Config => config(),
    guard: createGuard({
      hosts: allowedHosts(listen.hostname, listen.allowedHosts),
      origins: listen.allowedOrigins,
    }),
    authenticate: withLocalToken(
      createAuthenticator(auth, { clock, fetch: (url, init) => fetch(url, init) }),
      toolbox.queues.token,
    ),
    mcp: (request, view, caller) => mcp.answer(request, view, caller),
    registry: toolbox.registry,
    call: (call) => toolbox.engine.run(call),
    metrics,
    monitor: toolbox.services.monitor,
    feed,
    consentArrived: (params) => toolbox.consents.arrived(params),
    peers: () => toolbox.mesh.records,
    readPage: foundation.host.readPage,
    clock,
    log,
    newId: () => crypto.randomUUID(),
  });
}
