/** An app in the mesh of a benchmark: the whole product path, its limits lifted, on the loopback. @module */

import { join } from "node:path";
import * as v from "valibot";
import { host } from "#host";
import { loadMesh } from "#mesh";
import { createApp } from "../src/app.ts";
import type { App, AppPlace } from "../src/app-types.ts";
import type { GivenConfig } from "../src/config/config.ts";
import { loadConfig } from "../src/config/load.ts";
import { UnavailableError } from "../src/errors.ts";
import { type Category, defineTool } from "../src/tool.ts";

/** A category with one tool, which adds. */
export function adder(tool: string): Category {
  const input = v.object({ a: v.number(), b: v.number() });
  const output = v.object({ sum: v.number() });
  const add = defineTool({
    name: tool,
    description: "Add two numbers",
    input,
    output,
    annotations: { readOnlyHint: true },
    run: ({ a, b }) => ({ sum: a + b }),
  });
  return {
    name: "bench",
    title: "Bench",
    description: "Tools that add",
    toolNames: [tool],
    load: async () => [add],
    source: "builtin",
    runtime: "local",
  };
}

const UNLIMITED = 1_000_000;

/** How one app differs from another. */
export interface BenchAppOptions {
  readonly name: string;
  readonly catalog: readonly Category[];
  readonly place: AppPlace;
  /** TCP for peers; else only what `place` accepts. */
  readonly hasTcp: boolean;
  /** Further settings of the mesh. */
  readonly mesh?: GivenConfig["mesh"];
  /** Tasks of its queue that it works at once; left out, it works none. */
  readonly slots?: number;
}

/** Start an app and its mesh. */
export async function startApp(options: BenchAppOptions): Promise<App> {
  const { name, catalog, place, hasTcp, mesh, slots = 0 } = options;
  const environment = host.environment();
  const loaded = await loadConfig({
    environment,
    // Each has a folder of its own, or all would be the same peer.
    given: {
      name,
      dataDir: join(environment.MCPP_DATA_DIR ?? host.workingFolder, name),
      mesh: { tcpPort: hasTcp ? 0 : "off", webRtcPort: "off", mdns: false, ...mesh },
      queue: { slots },
      limits: { maxConcurrent: UNLIMITED, perCallerConcurrent: UNLIMITED },
      peerLimits: { requestsPerPeer: UNLIMITED, requestsPerSecond: 0, bytesPerSecond: 0 },
      log: { audit: false },
    },
    flags: [],
    dataHome: host.dataHome,
    workingFolder: host.workingFolder,
  });
  const app = await createApp({
    ...loaded,
    ...place,
    host,
    catalog,
    ...(loadMesh && { loadMesh }),
  });
  await app.mesh.settled();
  const { state, reason } = app.mesh.status();
  if (state === "running") return app;
  throw new UnavailableError("runtime_unavailable", `The mesh is ${state}: ${reason ?? ""}`);
}
