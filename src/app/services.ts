/** The services that tools may use, over the parts of an app. @module */

import type { Config } from "../config/config.ts";
import { UnavailableError } from "../errors.ts";
import type { Host } from "../host.ts";
import type {
  Admin,
  Cache,
  Files,
  Monitor,
  Services,
  SettingOrigin,
  UpstreamStatus,
} from "../registry/context.ts";
import type { Peers } from "../registry/peers.ts";
import type { Tasks } from "../registry/tasks.ts";
import type { Workflows } from "../registry/workflows.ts";
import type { Router } from "../router/router.ts";
import { createRootedFiles } from "../storage/rooted-files.ts";
import type { Health } from "../telemetry/health.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Upstreams } from "../upstream/mount.ts";

/** What the services stand on. */
export interface ServiceNeeds {
  readonly host: Pick<Host, "name"> & Partial<Pick<Host, "files" | "memory">>;
  readonly version: string;
  readonly uptimeMs: () => number;
  readonly config: () => Config;
  readonly settings: () => readonly SettingOrigin[];
  readonly reload: Admin["reload"];
  readonly cache: Cache;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly router: Pick<Router, "stats">;
  readonly upstreams: Pick<Upstreams, "status" | "start" | "stop" | "approve">;
  /** Throws where there is no mesh. */
  readonly peers: () => Peers;
  readonly tasks: Tasks;
  readonly workflows: Workflows;
}

function monitorOf(needs: ServiceNeeds): Monitor {
  return {
    async health() {
      const { healthy, checks } = await needs.health.report();
      return {
        healthy,
        uptimeMs: Math.round(needs.uptimeMs()),
        version: needs.version,
        host: needs.host.name,
        checks,
        ...(needs.host.memory && { memory: needs.host.memory() }),
      };
    },
    metrics: (prefix) => needs.metrics.snapshot(prefix),
    runtimes: () => needs.router.stats(),
    upstreams: () => needs.upstreams.status(),
  };
}

function adminOf(needs: ServiceNeeds): Admin {
  const { upstreams } = needs;
  return {
    settings: (prefix) => needs.settings().filter(({ key }) => key.startsWith(prefix)),
    reload: () => needs.reload(),
    startUpstream: (name): Promise<UpstreamStatus> => upstreams.start(name),
    stopUpstream: (name): Promise<UpstreamStatus> => upstreams.stop(name),
    approveUpstream: (name, tool): Promise<UpstreamStatus> => upstreams.approve(name, tool),
    upstreams: () => upstreams.status(),
  };
}

/** Files under the roots of the moment: a reload may change them. */
function filesOf({ host, config }: ServiceNeeds): () => Files {
  const { files } = host;
  if (!files) return () => absentFiles(host.name);
  let known: { readonly roots: readonly string[]; readonly files: Files } | undefined;
  return () => {
    const { roots } = config();
    if (known?.roots !== roots) known = { roots, files: createRootedFiles(files, roots) };
    return known.files;
  };
}

function absentFiles(host: string): Files {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new UnavailableError(
        "runtime_unavailable",
        `The host "${host}" has no files; run this tool on a server with a disk`,
      ),
    );
  return { roots: [], sizeBytes: refuse, read: refuse, write: refuse };
}

/** The services over these parts. */
export function createServices(needs: ServiceNeeds): Services {
  const files = filesOf(needs);
  return {
    get files() {
      return files();
    },
    get peers() {
      return needs.peers();
    },
    tasks: needs.tasks,
    workflows: needs.workflows,
    cache: needs.cache,
    monitor: monitorOf(needs),
    admin: adminOf(needs),
  };
}
