/**
 * The mesh of a server or of one command: identity, transports, node, discovery, calls. Loaded only
 * where a mesh is started, because libp2p is large.
 *
 * @module
 */

import type { ServiceFactoryMap } from "libp2p";
import type { MeshNeeds, RunningMesh } from "../app-types.ts";
import { isLoopback } from "../config/checks.ts";
import { IDENTITY_FILE, joinPath } from "../config/paths.ts";
import { UnavailableError } from "../errors.ts";
import type { HostTransports } from "../host.ts";
import { webSocketAddress } from "../mesh/addresses.ts";
import { createNode } from "../mesh/create-node.ts";
import { createIdentity, type Identity, SEED_BYTES } from "../mesh/identity.ts";
import { loadIdentity } from "../mesh/identity-file.ts";
import { joinMesh, type Membership } from "../mesh/join.ts";
import type { MeshNode } from "../mesh/mesh-node.ts";
import type { MeshTransport } from "../mesh/node-options.ts";
import { serverServices } from "../mesh/server-services.ts";
import { createWebSocketTransport } from "../mesh/web-socket-transport.ts";
import { BOOTSTRAP_FILE } from "../peers/bootstrap-lists.ts";
import { dhtService } from "../peers/dht-service.ts";
import { createPeers, type RunningPeers } from "../peers/peers.ts";
import { createMemoryStore } from "../storage/memory-store.ts";
import { createRootedFiles } from "../storage/rooted-files.ts";
import { createInterfaces } from "./interfaces.ts";
import { type MeshPorts, withFreePorts } from "./mesh-ports.ts";

/** Start the mesh; throws where its node cannot listen or its identity cannot be read. */
export async function startMesh(needs: MeshNeeds): Promise<RunningMesh> {
  const identity = await identityOf(needs);
  const { node, missing } = await withFreePorts(needs, async (ports) => {
    const { transports, missing } = await transportsOf(needs, ports);
    return { node: await createNode({ identity, transports, ...nodeOptions(needs) }), missing };
  });
  try {
    return await runOn(needs, node, identity, missing);
  } catch (error) {
    await node.stop();
    throw error;
  }
}

async function runOn(
  needs: MeshNeeds,
  node: MeshNode,
  identity: Identity,
  missing: HostTransports["missing"],
): Promise<RunningMesh> {
  const { registry, config, clock, serve, log } = needs;
  const membership = await joinMesh({
    ...{ node, registry, clock, serve },
    limits: () => config().peerLimits,
    // A rule that names it as a worker vouches for it.
    isUnmetered: (peer) =>
      config().mesh.allow.some((rule) => rule.peer === peer && rule.abilities.includes("worker")),
    random: Math.random,
    // Nobody is asked for before there are peers.
    meet: (target, signal): Promise<string> => peers.meet(target, signal),
    trouble: (what, error) => log.info(`mesh: ${what} failed`, { error }),
  });
  const peers: RunningPeers = await peersOf(needs, node, identity, membership);
  await peers.start();
  const idOf = async (target: string): Promise<string> => {
    const home = await membership.categories.reach(target);
    return membership.categories.peerOf(home) ?? target;
  };
  return {
    peers,
    missing,
    records: peers,
    choosePeer: membership.choosePeer,
    elsewhere: membership.elsewhere,
    reach: (target) => membership.categories.reach(target),
    idOf,
    request: async (target, method, params, signal) =>
      membership.pool.request(await idOf(target), method, params, signal ? { signal } : {}),
    unlisted: (category, name) => membership.categories.unlisted(category, name),
    async stop() {
      await peers.stop();
      await membership.leave();
      await node.stop();
    },
  };
}

const randomBytes = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

async function identityOf({ host, config, isEphemeral, log }: MeshNeeds): Promise<Identity> {
  if (isEphemeral || !host.files) return createIdentity(randomBytes(SEED_BYTES));
  const path = joinPath(config().dataDir, IDENTITY_FILE);
  const { identity, warning } = await loadIdentity(host.files, path, randomBytes);
  if (warning !== undefined) log.warning(warning);
  return identity;
}

/** What the host lends, and WebSockets, which every host has. */
async function transportsOf(
  { host, role, sockets, config }: MeshNeeds,
  ports: MeshPorts,
): Promise<{
  readonly transports: readonly MeshTransport[];
  readonly missing: HostTransports["missing"];
}> {
  const { mesh, listen } = config();
  const isServer = role === "server";
  const hostname = mesh.hostname ?? listen.hostname;
  const opened = await host.openTransports?.({
    hostname,
    tcpPort: isServer ? ports.tcpPort : "off",
    quicPort: isServer ? ports.quicPort : "off",
    webRtcPort: isServer ? ports.webRtcPort : "off",
    webTransportPort: isServer ? ports.webTransportPort : "off",
  });
  const accepts = isServer && mesh.webSocket && sockets;
  const webSocket = createWebSocketTransport({
    ...(host.dialSocket && { dial: host.dialSocket }),
    ...(accepts && {
      accepts: { feed: sockets, listen: [webSocketAddress(listen.hostname, sockets.port)] },
    }),
  });
  const { transports: lent = [], missing = {} } = opened ?? {};
  // In this order a peer's addresses are dialled.
  const isFirst = ({ name }: MeshTransport): boolean => name === "tcp";
  const [first, others] = [lent.filter(isFirst), lent.filter((one) => !isFirst(one))];
  return { transports: [...first, webSocket, ...others], missing };
}

function nodeOptions({
  role,
  config,
  clock,
}: MeshNeeds): Omit<Parameters<typeof createNode>[0], "identity" | "transports"> {
  const { mesh } = config();
  const isServer = role === "server";
  return {
    clock,
    announce: mesh.announce,
    // Who listens for this machine only is not to be reached through others either.
    reserve: isServer && !isLoopback(mesh.hostname ?? config().listen.hostname),
    maxConnections: mesh.maxConnections,
    services: {
      ...(isServer && serverServices({ relay: mesh.relay, maxReservations: mesh.maxReservations })),
      ...(mesh.dht && dht(mesh.network, isServer ? "server" : "client")),
    },
  };
}

/** The table works with services that every node of ours has; libp2p's types cannot say so. */
function dht(network: string, mode: "server" | "client"): ServiceFactoryMap {
  return { dht: dhtService(network, mode) as unknown as ServiceFactoryMap[string] };
}

async function peersOf(
  needs: MeshNeeds,
  node: MeshNode,
  identity: Identity,
  { books, pool, categories }: Membership,
): Promise<RunningPeers> {
  const { host, role, config, clock, metrics, log, registry, isEphemeral } = needs;
  const offered = createInterfaces(registry, (error) =>
    log.info("mesh: reading what is offered failed", { error }),
  );
  return createPeers({
    ...{ node, role, config, books, clock, metrics, log },
    signer: identity,
    about: () => ({ name: config().name, host: host.name, ...offered() }),
    limits: () => config().peerLimits,
    lists: {
      environment: () => host.environment(),
      defaultFile: joinPath(config().dataDir, BOOTSTRAP_FILE),
      ...(host.files && { hostFiles: host.files }),
      rootedFiles: rootedFiles(needs),
    },
    breakerOf: (peer) => pool.breakerOf(peer),
    toolsOf: (peer) => categories.toolsOf(peer),
    told: ({ peer }) => categories.refresh(peer),
    hasDht: config().mesh.dht,
    ...(host.joinLocalNetwork && { joinLocalNetwork: host.joinLocalNetwork }),
    fetch: (url, init) => fetch(url, init),
    store: isEphemeral ? createMemoryStore() : needs.store,
    random: Math.random,
  });
}

function rootedFiles({ host, config }: MeshNeeds): ReturnType<typeof createRootedFiles> {
  if (host.files) return createRootedFiles(host.files, config().roots);
  const refuse = (): Promise<never> =>
    Promise.reject(
      new UnavailableError("runtime_unavailable", `The host "${host.name}" has no files`),
    );
  return { roots: [], sizeBytes: refuse, read: refuse, write: refuse };
}
