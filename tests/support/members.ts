/** Members of a mesh within this process: real nodes in memory, with all that `src/peers` adds. @module */

import { createBreaker } from "../../src/concurrency/breaker.ts";
import { type Clock, systemClock } from "../../src/concurrency/clock.ts";
import type { Config } from "../../src/config/config.ts";
import { createNode } from "../../src/mesh/create-node.ts";
import type { MeshNode } from "../../src/mesh/mesh-node.ts";
import type { NodeOptions } from "../../src/mesh/node-options.ts";
import { createPeerBooks } from "../../src/mesh/peer-books.ts";
import { createPeers, type PeersNeeds, type RunningPeers } from "../../src/peers/peers.ts";
import { defaultPeerLimits } from "../../src/registry/peer-limits.ts";
import { createMemoryStore } from "../../src/storage/memory-store.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createMetrics, type Metrics } from "../../src/telemetry/metrics.ts";
import { anyIdentity, memoryTransport } from "./mesh-nodes.ts";
import type { Cleanup } from "./temp-folder.ts";

/** A node and its peers. */
export interface Member {
  readonly name: string;
  readonly node: MeshNode;
  readonly peers: RunningPeers;
  readonly metrics: Metrics;
  /** Its first address with its id. */
  readonly address: string;
  readonly logLines: readonly string[];
}

/** What a test sets. */
export interface MemberOptions extends Partial<Omit<PeersNeeds, "config" | "node">> {
  readonly bootstrap?: readonly string[];
  readonly mesh?: Partial<Config["mesh"]>;
  readonly features?: Partial<Config["features"]>;
  readonly github?: Partial<Config["github"]>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly services?: NodeOptions["services"];
  readonly transports?: NodeOptions["transports"];
  readonly abilities?: readonly string[];
  readonly clock?: Clock;
}

type PeersConfig = ReturnType<PeersNeeds["config"]>;

/** Settings without any way to reach beyond this process. */
export function peersConfig(options: MemberOptions): PeersConfig {
  return {
    mesh: {
      network: "test",
      hostname: undefined,
      tcpPort: "off",
      webRtcPort: "off",
      quicPort: "off",
      webTransportPort: "off",
      webSocket: false,
      announce: [],
      bootstrap: options.bootstrap ?? [],
      allow: [],
      relay: false,
      maxReservations: 0,
      maxConnections: 300,
      mdns: false,
      dht: false,
      rendezvous: [],
      publicIpServices: [],
      ...options.mesh,
    },
    features: {
      mesh: true,
      queue: false,
      workflow: false,
      upstream: false,
      dashboard: false,
      publicBootstrap: false,
      githubRegistry: false,
      ...options.features,
    },
    github: {
      repository: undefined,
      registry: "test-peers",
      apiUrl: "http://127.0.0.1:9",
      token: undefined,
      ...options.github,
    },
  };
}

/** A member that has not started; it ends with the test. */
export async function createMember(
  t: Cleanup,
  name: string,
  options: MemberOptions = {},
): Promise<Member> {
  const { clock = systemClock, services = {}, transports, abilities = [], environment } = options;
  const identity = await anyIdentity();
  const node = await createNode({
    identity,
    transports: transports ?? [memoryTransport(`${name}-${crypto.randomUUID()}`)],
    services,
  });
  const metrics = createMetrics();
  const logLines: string[] = [];
  const config = peersConfig(options);
  const absent = (): never => {
    throw new Error("This test reads no files");
  };
  const peers = await createPeers({
    signer: identity,
    role: "server",
    about: () => ({ name, host: "node", abilities, interfaces: [] }),
    limits: () => defaultPeerLimits,
    lists: {
      environment: () => environment ?? {},
      defaultFile: "/nowhere/peers.txt",
      rootedFiles: { read: absent, sizeBytes: absent },
    },
    books: createPeerBooks(),
    breakerOf: () => createBreaker({ failures: 3, openMs: 1000, clock }),
    toolsOf: () => undefined,
    hasDht: false,
    fetch: (url, init) => fetch(url, init),
    store: createMemoryStore(),
    clock,
    random: () => 0.5,
    metrics,
    log: createLogger({ threshold: () => "debug", write: (line) => logLines.push(line), clock }),
    ...options,
    node,
    config: () => config,
  });
  t.after(async () => {
    await peers.stop();
    await node.stop();
  });
  const [address = ""] = node.addresses();
  return { name, node, peers, metrics, address, logLines };
}

/** A member that has begun to look for others. */
export async function startMember(
  t: Cleanup,
  name: string,
  options: MemberOptions = {},
): Promise<Member> {
  const member = await createMember(t, name, options);
  await member.peers.start();
  return member;
}

/** Wait for something that happens on its own; says what did not. */
export async function eventually(
  what: string,
  holds: () => boolean,
  withinMs = 20_000,
): Promise<void> {
  const endsAt = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > endsAt) throw new Error(`It did not come true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The names that a member knows, without its own. */
export const namesKnownTo = ({ peers }: Member): readonly string[] =>
  peers.known().flatMap(({ name }) => name ?? []);
