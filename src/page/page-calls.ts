/** How a page calls and is called: the same spine as on a server, without its services. @module */

import { authorize } from "../auth/authorize.ts";
import { peerCaller } from "../auth/peer-caller.ts";
import { createBreaker } from "../concurrency/breaker.ts";
import type { Clock } from "../concurrency/clock.ts";
import type { PeerRuleConfig } from "../config/config.ts";
import { UnavailableError } from "../errors.ts";
import { createHotPath } from "../mcp/hot-path.ts";
import { serveLightly } from "../mcp/light-server.ts";
import type { JoinNeeds, Membership } from "../mesh/join.ts";
import { createMeshRuntime } from "../mesh/mesh-runtime.ts";
import { withPeers } from "../mesh/with-peers.ts";
import type { Services } from "../registry/context.ts";
import type { Registry } from "../registry/registry.ts";
import type { CallResult } from "../registry/result.ts";
import type { ToolCall } from "../router/call.ts";
import { type CallSteps, callTool } from "../router/call-tool.ts";
import { createLimits } from "../router/limits.ts";
import { createLocalRuntime } from "../router/local-runtime.ts";
import { createResultCache } from "../router/result-cache.ts";
import { createRouter } from "../router/router.ts";
import { createMetrics } from "../telemetry/metrics.ts";
import { createPageEngine } from "./page-engine.ts";

/** What calls need. */
export interface PageCallsNeeds {
  readonly name: string;
  readonly registry: Registry;
  /** Who may call what beside tools that only read. */
  readonly allow: readonly PeerRuleConfig[];
  readonly clock: Clock;
  /** The page in the mesh, which is there when the first call is. */
  readonly member: () => Membership;
  readonly trouble: (what: string, error: unknown) => void;
}

/** Both directions. */
export interface PageCalls {
  readonly call: (call: ToolCall) => Promise<CallResult>;
  readonly serve: JoinNeeds["serve"];
}

/** As on a server that sets nothing else. */
const LIMITS = { maxConcurrent: 256, perCallerConcurrent: 64, perCallerPerSecond: 0 } as const;
const TIMEOUT_MS = 60_000;
const BREAKER = { failures: 5, openMs: 10_000 } as const;

/** Calls of a page. */
export function createPageCalls(needs: PageCallsNeeds): PageCalls {
  const { name, registry, allow, clock, member, trouble } = needs;
  const lookup = withPeers(registry, {
    reach: (target) => member().categories.reach(target),
    unlisted: (category, tool) => member().categories.unlisted(category, tool),
  });
  const steps: CallSteps = {
    registry: lookup,
    authorize,
    limits: createLimits(() => LIMITS, clock),
    cache: createResultCache(clock),
    router: routerOf(needs),
    services,
    record: () => {},
    clock,
  };
  const call = (request: ToolCall): Promise<CallResult> => callTool(steps, request);
  const engine = createPageEngine({ name, registry, call });
  const hotPath = createHotPath(engine);
  return {
    call,
    serve(peer, write) {
      const caller = peerCaller(peer, { allow, isAnonymousOpen: true });
      const report = (error: Error): void => trouble(`serving peer ${peer}`, error);
      return serveLightly({ engine, hotPath, caller: () => caller, clock, report, write });
    },
  };
}

function routerOf({ clock, member }: PageCallsNeeds): CallSteps["router"] {
  const local = createLocalRuntime({ clock, timeoutMs: () => TIMEOUT_MS });
  const mesh = createMeshRuntime({
    local,
    availability: () => ({ available: true }),
    starting: () => undefined,
    elsewhere: (...call) => member().elsewhere(...call),
  });
  return createRouter({
    runtimes: [local, mesh],
    breakerFor: () => createBreaker({ ...BREAKER, clock }),
    metrics: createMetrics(),
    clock,
  });
}

const absent = (service: keyof Services): never => {
  const message = `A page has no "${service}" for its tools; offer this tool from a server`;
  throw new UnavailableError("runtime_unavailable", message, { data: { service } });
};

/** What tools of servers use beside their input; a page has the web itself. */
const services: Services = {
  get files() {
    return absent("files");
  },
  get cache() {
    return absent("cache");
  },
  get monitor() {
    return absent("monitor");
  },
  get admin() {
    return absent("admin");
  },
  get peers() {
    return absent("peers");
  },
  get tasks() {
    return absent("tasks");
  },
  get workflows() {
    return absent("workflows");
  },
};
