/** Whole apps in one process, each with the fixtures as its catalog and a mesh of its own. @module */

import { memory } from "@libp2p/memory";
import { openTransports } from "../../runtimes/shared/transports.ts";
import { startMesh } from "../../src/app/server-mesh.ts";
import { createApp } from "../../src/app.ts";
import type { App } from "../../src/app-types.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { HostTransport } from "../../src/host.ts";
import { localCaller } from "../../src/registry/caller.ts";
import type { Category } from "../../src/registry/category.ts";
import type { Peers } from "../../src/registry/peers.ts";
import type { CallResult } from "../../src/registry/result.ts";
import { createFixtures, type Fixtures } from "./fixtures.ts";
import type { Cleanup } from "./harness.ts";
import { eventually } from "./members.ts";

type Settings = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What a test may choose. */
export interface MeshAppOptions {
  readonly name?: string;
  /** As a configuration file would say it. */
  readonly config?: Settings;
  /** Beside the fixtures. */
  readonly categories?: readonly Category[];
  /** How it is reached; left out, within this process. */
  readonly transport?: "memory" | "tcp";
}

/** A member of a mesh with tools. */
export interface MeshApp {
  readonly app: App;
  readonly fixtures: Fixtures;
  readonly logLines: readonly string[];
  /** Its id. */
  readonly peer: string;
  readonly address: string;
  readonly peers: Peers;
  /** Replace settings and reload. */
  reload(config: Settings): Promise<void>;
  /** Call a tool as whoever owns this app. */
  call(tool: string, input?: object, category?: string): Promise<CallResult>;
  connect(to: MeshApp): Promise<void>;
}

/** Nothing of a mesh in a test may reach beyond this machine. */
const QUIET = {
  tcpPort: 0,
  webRtcPort: "off",
  webSocket: false,
  mdns: false,
  dht: false,
  relay: false,
  publicIpServices: [],
} as const;

function memoryTransport(): HostTransport {
  return {
    name: "tcp",
    create: memory() as HostTransport["create"],
    listen: [`/memory/${crypto.randomUUID()}`],
  };
}

function withSettings(name: string, config: Settings): object {
  return {
    ...config,
    name,
    log: { level: "debug", audit: false },
    mesh: { ...QUIET, ...config.mesh },
  };
}

/** An app that ends with the test. */
export async function openMeshApp(t: Cleanup, options: MeshAppOptions = {}): Promise<MeshApp> {
  const { name = `app-${crypto.randomUUID().slice(0, 8)}`, transport = "memory" } = options;
  const fixtures = createFixtures();
  const logLines: string[] = [];
  let config = withSettings(name, options.config ?? {});
  const load = (): ReturnType<typeof loadConfig> =>
    loadConfig({
      file: { path: "/test/mcpp.json", text: JSON.stringify(config) },
      environment: {},
      flags: [],
      dataHome: "/test/data",
      workingFolder: "/test",
    });
  const app = await createApp({
    ...(await load()),
    reload: load,
    host: {
      name: "node",
      environment: () => ({}),
      workingFolder: "/test",
      terminal: { printError: async (line) => void logLines.push(line) },
      openTransports: async (wanted) =>
        transport === "tcp"
          ? await openTransports(wanted)
          : { transports: [memoryTransport()], missing: {} },
    },
    catalog: [...fixtures.categories, ...(options.categories ?? [])],
    meshRole: "server",
    loadMesh: async () => ({ startMesh }),
  });
  t.after(() => app.stop());
  await app.mesh.settled();
  const peers = app.mesh.peers;
  if (!peers) throw new Error(`The mesh did not start: ${app.mesh.status().reason}`);
  const { peer, addresses } = peers.self();
  const opened: MeshApp = {
    app,
    fixtures,
    logLines,
    peer,
    address: addresses[0] ?? "",
    peers,
    async reload(changed) {
      config = withSettings(name, changed);
      await app.reload();
    },
    call: (tool, input = {}, category) =>
      app.call({
        tool,
        input,
        caller: localCaller,
        ...(category !== undefined && { category }),
      }),
    async connect(to) {
      await app.mesh.reach(to.address);
    },
  };
  return opened;
}

/** Two apps, the first of which sees the tools of the second as `peer:there`. */
export async function openPair(
  t: Cleanup,
  there: MeshAppOptions = {},
  here: MeshAppOptions = {},
): Promise<readonly [here: MeshApp, there: MeshApp]> {
  const second = await openMeshApp(t, { name: "there", ...there });
  const first = await openMeshApp(t, { name: "here", ...here });
  await first.connect(second);
  return [first, second];
}

/** Wait until an app shows so many categories of peers. */
export async function peersSeen({ app }: MeshApp, count: number): Promise<readonly string[]> {
  const names = (): readonly string[] =>
    app.registry
      .categories(localCaller)
      .flatMap(({ name, source }) => (source === "peer" ? [name] : []));
  await eventually(`${count} peers are seen`, () => names().length === count);
  return names();
}
