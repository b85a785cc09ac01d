/** The tools of an app and the spine that runs them: registry, mounted servers, router, engine. @module */

import type { AppOptions } from "../app-types.ts";
import { authorize } from "../auth/authorize.ts";
import { createBreaker } from "../concurrency/breaker.ts";
import { type Changes, createChanges } from "../mcp/changes.ts";
import { createEngine, type Engine } from "../mcp/engine.ts";
import { createHomeRuntime } from "../mesh/home.ts";
import { createMeshRuntime } from "../mesh/mesh-runtime.ts";
import type { Services, SettingOrigin } from "../registry/context.ts";
import { createMetaTools, META_NAMES } from "../registry/meta-tools.ts";
import { createOffers } from "../registry/offers.ts";
import { createRegistry, type Registry } from "../registry/registry.ts";
import type { CallResult } from "../registry/result.ts";
import { createSearch, type Search } from "../registry/search.ts";
import { PEER_PREFIX } from "../registry/visibility.ts";
import type { ToolCall } from "../router/call.ts";
import { type CallSteps, callTool, checkCall } from "../router/call-tool.ts";
import { createLimits } from "../router/limits.ts";
import { createLocalRuntime } from "../router/local-runtime.ts";
import { createResultCache } from "../router/result-cache.ts";
import { createRouter, type Router } from "../router/router.ts";
import type { Runtime } from "../router/runtime.ts";
import { createCache } from "../storage/cache.ts";
import { createNamespace } from "../storage/namespace.ts";
import { createAudit } from "../telemetry/audit.ts";
import { createUpstreams, type Upstreams } from "../upstream/mount.ts";
import { VERSION } from "../version.ts";
import { withAvailability } from "./availability.ts";
import { type Consents, createConsents } from "./consents.ts";
import type { Foundation } from "./foundation.ts";
import { withMcpTasks } from "./mcp-tasks.ts";
import { createMeshSlot, type MeshSlot } from "./mesh.ts";
import { withMetaTools } from "./meta-registry.ts";
import { createQueueSlot } from "./queue.ts";
import { healthOf, type QueueSlot } from "./queue-slot.ts";
import { createRecord } from "./record.ts";
import { createServices } from "./services.ts";
import { withTaskResults } from "./task-results.ts";

/** What an app can do, without the ways to ask for it. */
export interface Toolbox {
  readonly registry: Registry;
  readonly search: Search;
  readonly upstreams: Upstreams;
  readonly engine: Engine;
  readonly changes: Changes;
  readonly services: Services;
  readonly consents: Consents;
  readonly mesh: MeshSlot;
  readonly queues: QueueSlot;
  readonly call: (call: ToolCall) => Promise<CallResult>;
}

/** What the app itself hands to its tools. */
export interface ToolboxNeeds {
  readonly foundation: Foundation;
  readonly options: AppOptions;
  readonly reload: Services["admin"]["reload"];
}

/** After this many failures in a row a runtime gets a rest of this long. */
const BREAKER = { failures: 5, openMs: 10_000 } as const;

/** Put the tools together; mounted servers begin to start. */
export async function createToolbox(needs: ToolboxNeeds): Promise<Toolbox> {
  const { foundation, options } = needs;
  const mesh = createMeshSlot(foundation, options);
  const registry = createRegistry(META_NAMES, mesh.choosePeer);
  const queues = queuesOf(needs, mesh, (request) => call(request));
  for (const category of options.catalog) {
    registry.put(withTaskResults(withAvailability(category, mesh, foundation), queues));
  }
  const search = createSearch(registry);
  const changes = announceChanges(registry);
  const consents = createConsents(foundation);
  const upstreams = mountUpstreams(needs, registry, consents);
  upstreams.onResourceUpdated((uri) => changes.publish({ kind: "resource_updated", uri }));
  const router = routerOf(foundation, mesh);
  const services = await servicesOf(needs, { router, upstreams, mesh, queues });
  const { config } = foundation;
  const timeoutMs = (): number => config().limits.timeoutMs;
  const metaTools = createMetaTools({ registry, search, timeoutMs });
  const lookup = withMetaTools(mesh.withPeers(registry), metaTools);
  const steps: CallSteps = {
    registry: lookup,
    authorize,
    limits: createLimits(() => config().limits, foundation.clock),
    cache: createResultCache(foundation.clock),
    router,
    services,
    record: recordOf(foundation),
    clock: foundation.clock,
  };
  const call = (request: ToolCall): Promise<CallResult> => callTool(steps, request);
  const { name } = config();
  const engine = createEngine({
    serverInfo: { name, title: name, version: VERSION },
    registry,
    lookup,
    offers: offersOf(foundation, registry),
    callTool: call,
    pinned: () => config().pinned,
    maxBatch: () => config().limits.maxBatch,
    ...withMcpTasks(queues, [...(options.extensions ?? []), queues.extension], (request) =>
      checkCall(steps, request),
    ),
  });
  queues.start({ engine, lookup, registry });
  foundation.health.add("queue", async () => healthOf(queues.report()));
  return {
    ...{ registry, search, upstreams, engine, changes, services, consents, mesh, queues, call },
  };
}

/** The queues of this server; a task of a peer's queue is asked for there. */
function queuesOf(
  { foundation, options }: ToolboxNeeds,
  mesh: MeshSlot,
  call: Toolbox["call"],
): QueueSlot {
  return createQueueSlot(foundation, options, {
    owner: () => mesh.peers?.self().peer ?? "local",
    request: mesh.request,
    idOf: (peer) => mesh.idOf(peer),
    home: mesh.home,
    forward: (peer, tool, input, { caller, signal }) =>
      call({ tool, category: `${PEER_PREFIX}${peer}`, input, caller, signal: () => signal }),
  });
}

/** A category that comes, goes or changes is news for clients. */
function announceChanges(registry: Registry): Changes {
  const changes = createChanges();
  registry.onChange(({ offer }) => {
    changes.publish({ kind: "tools_list_changed" });
    if (offer?.listPrompts) changes.publish({ kind: "prompts_list_changed" });
    if (offer?.listResources) changes.publish({ kind: "resources_list_changed" });
  });
  return changes;
}

function mountUpstreams(
  { foundation, options }: ToolboxNeeds,
  registry: Registry,
  consents: Consents,
): Upstreams {
  const { origin } = options;
  const { host, store, clock, config, log, feed } = foundation;
  const upstreams = createUpstreams(
    {
      host,
      store: createNamespace(store, "upstream/"),
      clock,
      consent: options.consent ?? (origin === undefined ? undefined : consents.at(origin)),
      random: Math.random,
      registry,
      trouble: (upstream, error) => log.warning("mounted server failed", { upstream, error }),
    },
    { ...config().upstream, version: VERSION },
  );
  const states = new Map<string, string>();
  upstreams.onChange(() => {
    for (const { name, state, error } of upstreams.status()) {
      if (states.get(name) === state) continue;
      states.set(name, state);
      feed.publish({ type: "upstream", upstream: name, state, ...(error && { detail: error }) });
    }
  });
  return upstreams;
}

/** The mesh of this server, or that of the server where it is at home. */
function meshRuntime(mesh: MeshSlot, local: Runtime): Runtime {
  if (mesh.home) return createHomeRuntime(mesh.home);
  return createMeshRuntime({
    local,
    availability: () => mesh.availability(),
    starting: () => mesh.starting(),
    elsewhere: (...call) => mesh.elsewhere(...call),
  });
}

function routerOf({ clock, metrics, config }: Foundation, mesh: MeshSlot): Router {
  const timeoutMs = (): number => config().limits.timeoutMs;
  const local = createLocalRuntime({ clock, timeoutMs });
  return createRouter({
    runtimes: [local, meshRuntime(mesh, local)],
    breakerFor: () => createBreaker({ ...BREAKER, clock }),
    metrics,
    clock,
  });
}

async function servicesOf(
  { foundation, reload }: ToolboxNeeds,
  {
    router,
    upstreams,
    mesh,
    queues,
  }: Pick<Toolbox, "upstreams" | "mesh" | "queues"> & { readonly router: Router },
): Promise<Services> {
  const { host, store, clock, config, current, health, metrics } = foundation;
  const { defaultTtlMs, ...bounds } = config().cache;
  const startedAt = clock.monotonic();
  return createServices({
    host,
    version: VERSION,
    uptimeMs: () => clock.monotonic() - startedAt,
    config,
    settings: (): readonly SettingOrigin[] => current().origins,
    reload,
    cache: await createCache({
      store: createNamespace(store, "cache/"),
      now: () => clock.now(),
      limits: { ...bounds, ...(defaultTtlMs !== undefined && { defaultTtlMs }) },
    }),
    health,
    metrics,
    router,
    upstreams,
    peers: () => mesh.service,
    tasks: queues.tasks,
    workflows: queues.workflows,
  });
}

function recordOf({ metrics, feed, lines, clock, config }: Foundation): CallSteps["record"] {
  const isOn = (): boolean => config().log.audit;
  return createRecord({ metrics, audit: createAudit({ feed, write: lines.add, clock, isOn }) });
}

function offersOf({ log }: Foundation, registry: Registry): Engine["offers"] {
  return createOffers({
    registry,
    sourceFailed: (category, error) =>
      log.warning("source left out of a list", { category, error }),
  });
}
