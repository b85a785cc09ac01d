/** The {@link Peers} of tools, HTTP and the command line, over the parts of a mesh. @module */

import type { Clock } from "../concurrency/clock.ts";
import type { Config } from "../config/config.ts";
import { UnavailableError } from "../errors.ts";
import type { MeshNode, PeerConnection } from "../mesh/mesh-node.ts";
import type { PeerLimits } from "../registry/peer-limits.ts";
import type { BootstrapReport, PeerInfo, PeerSource, Peers } from "../registry/peers.ts";
import type { Logger } from "../telemetry/logger.ts";
import { type CheckedAddress, checkAddress } from "./addresses.ts";
import type { Published } from "./announcer.ts";
import { type DialTarget, leadsTo } from "./bootstrap.ts";
import type { ReadBootstrapList } from "./bootstrap-lists.ts";
import type { Joining } from "./joining.ts";
import type { Membership } from "./membership.ts";
import type { FindPublicIp } from "./public-ip.ts";
import type { DiscoverySource } from "./source.ts";
import { SOURCE_SETTINGS } from "./sources.ts";
import { connectionInfo, peerInfo, peerMetrics, type ViewNeeds } from "./views.ts";
import { within } from "./within.ts";

/** What the view is of. */
export interface PeersViewNeeds extends ViewNeeds {
  readonly node: MeshNode;
  readonly signer: { readonly did: string };
  readonly about: () => { readonly name: string };
  readonly joining: Joining;
  readonly membership: Membership;
  readonly lists: ReadBootstrapList;
  readonly sources: readonly DiscoverySource[];
  readonly findPublicIp: FindPublicIp;
  readonly config: () => Pick<Config, "mesh" | "features">;
  readonly limits: () => PeerLimits;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Time for the dials of one list. */
const LIST_MS = 15_000;

/** The view over these parts. */
export function createPeersView(needs: PeersViewNeeds): Peers {
  const { node, directory, signer, about, findPublicIp, joining } = needs;
  return {
    self: () => ({
      ...{ peer: node.peer, did: signer.did, name: about().name },
      // Most who ask want the id alone, and addresses are put together each time.
      get addresses() {
        return node.addresses();
      },
    }),
    ...finding(needs),
    ...connecting(needs),
    publicIp: findPublicIp,
    known: () => directory.list().map((known) => peerInfo(needs, known)),
    async disconnect(peer, reason) {
      joining.avoid(peer);
      needs.log.info("peers: disconnecting", { peer, ...(reason !== undefined && { reason }) });
      return { wasConnected: await node.disconnect(peer) };
    },
    connections: () =>
      Promise.all(node.connections().map((connection) => connectionInfo(needs, connection))),
    metrics({ peer, windowMs }) {
      const peers = peer === undefined ? [...needs.books.all.keys()].sort() : [peer];
      return {
        peers: peers.map((one) => peerMetrics(needs, one, windowMs)),
        limits: needs.limits(),
      };
    },
    ping: (peer, signal) => node.ping(peer, { signal }),
  };
}

function finding(needs: PeersViewNeeds): Pick<Peers, "register" | "discover" | "cleanup"> {
  const { node, directory, joining, membership, sources, clock } = needs;
  const chosen = (names: readonly PeerSource[] | undefined): readonly DiscoverySource[] => {
    if (!names) return sources;
    return names.flatMap((name) => {
      const found = sources.filter((source) => source.name === name);
      return found.length > 0 ? found : [absentSource(name)];
    });
  };
  return {
    async register({ signal, registries, ...options }) {
      const wanted = chosen(registries);
      const able = wanted.filter(({ publish }) => publish !== undefined);
      const { record, published } = await membership.announce(options, able, signal);
      const others = registries ? wanted.filter(({ publish }) => !publish).map(withoutPublish) : [];
      return { record, published: [...published, ...others] };
    },
    async discover({ sources: names, ability, limit, timeoutMs, signal }) {
      const look = await joining.look({ sources: chosen(names), limit, timeoutMs, signal });
      const found = [...look.peers].flatMap((peer): PeerInfo[] => {
        const known = directory.get(peer);
        return known ? [peerInfo(needs, known)] : [];
      });
      const able = found.filter(
        ({ abilities }) => ability === undefined || abilities.includes(ability),
      );
      able.sort((a, b) => Number(b.isConnected) - Number(a.isConnected) || a.ageMs - b.ageMs);
      return { peers: able.slice(0, limit), sources: look.reports };
    },
    async cleanup({ olderThanMs, isDryRun, signal }) {
      const keep = (peer: string): boolean => node.connections(peer).length > 0;
      const stale = directory.sweep({ olderThanMs, isDryRun, keep });
      if (!isDryRun) await Promise.all(stale.map((peer) => node.forget(peer)));
      const what = "The registries were not cleaned";
      const removed = await within({ clock, ms: 30_000, signal, what }, (ours) =>
        Promise.all(sources.map((source) => source.cleanup?.({ isDryRun, signal: ours }) ?? [])),
      );
      const all = new Set([...stale, ...removed.flat()]);
      const kept = directory.size - (isDryRun ? stale.length : 0);
      return { removed: [...all].sort(), kept };
    },
  };
}

/** Neighbours hear of a record in any case; the other sources are read only. */
function withoutPublish({ name }: DiscoverySource): Published {
  if (name === "peers" || name === "mdns") return { registry: name, ok: true };
  return { registry: name, ok: false, error: `The source "${name}" takes no records` };
}

/** Stands for a source that somebody asked for by name and that is not there. */
function absentSource(name: PeerSource): DiscoverySource {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new UnavailableError(
        "runtime_unavailable",
        `The source "${name}" is off: it needs ${SOURCE_SETTINGS[name]}`,
        { data: { source: name } },
      ),
    );
  return { name, find: refuse, publish: refuse };
}

function connecting(needs: PeersViewNeeds): Pick<Peers, "bootstrap" | "connect" | "readBootstrap"> {
  const { node, joining, membership, lists, sources, config, clock } = needs;
  return {
    async bootstrap({ addresses, minConnections, maxConnections, timeoutMs, signal }) {
      const limits = { maxConnections, timeoutMs, signal };
      const isReady = (): boolean => joining.connectedMembers().length >= minConnections;
      if (addresses) {
        const checked = addresses.map(checkAddressOrPeer);
        const { connected, failed } = await joining.dial(checked.filter(isSound), {
          ...limits,
          enough: Number.POSITIVE_INFINITY,
        });
        const faulty = checked.flatMap(({ address, fault }) =>
          fault === undefined ? [] : [{ address, reason: fault }],
        );
        return { connected, failed: [...faulty, ...failed], isReady: isReady() };
      }
      const look = await joining.look({
        sources,
        limit: 256,
        timeoutMs: Math.min(5_000, Math.ceil(timeoutMs / 2)),
        signal,
      });
      const nameless = look.nameless.map((address): DialTarget => ({ address }));
      const targets = [...(await membership.firstContacts()), ...nameless, ...joining.candidates()];
      const outcome = await joining.dial(targets, { ...limits, enough: minConnections });
      return { ...outcome, isReady: isReady() };
    },
    async connect({ peer, timeoutMs, signal }) {
      const what = `Connecting to ${peer} did not succeed`;
      const connection = await within({ clock, ms: timeoutMs, signal, what }, async (ours) =>
        measured(needs, await joining.connect(peer, ours), ours),
      );
      return await connectionInfo(needs, connection);
    },
    async readBootstrap(source, { path, name, limit = 50, isDryRun, signal }) {
      const { from, addresses } = await lists(source, { path, name });
      const isOff = source === "public" && !config().features.publicBootstrap;
      const targets = isDryRun || isOff ? [] : addresses.filter(isSound).slice(0, limit);
      const { failed } = await joining.dial(targets, {
        enough: Number.POSITIVE_INFINITY,
        maxConnections: config().mesh.maxConnections,
        timeoutMs: LIST_MS,
        signal,
      });
      const reasons = new Map(failed.map((one) => [one.address, one.reason]));
      if (isOff) for (const { address } of addresses) reasons.set(address, OFF);
      return {
        source,
        from,
        addresses: addresses.slice(0, limit).map((one) => reportOf(node, one, reasons)),
      };
    },
  };
}

/** A connection with its round trip of now; without one where the peer answers no ping. */
async function measured(
  { node, log }: PeersViewNeeds,
  { rttMs: _before, ...connection }: PeerConnection,
  signal: AbortSignal,
): Promise<PeerConnection> {
  const { peer } = connection;
  try {
    return { ...connection, rttMs: await node.ping(peer, { signal }) };
  } catch (error) {
    signal.throwIfAborted();
    log.info("peers: a ping was not answered", { peer, error });
    return connection;
  }
}

const OFF = "it was not dialled: features.publicBootstrap is off";

const isSound = ({ fault }: CheckedAddress): boolean => fault === undefined;

/** An address, or the id of a peer whose addresses are known. */
function checkAddressOrPeer(text: string): CheckedAddress {
  const target = text.trim();
  return target.startsWith("/") ? checkAddress(target) : { address: target, peer: target };
}

function reportOf(
  node: Pick<MeshNode, "connections">,
  checked: CheckedAddress,
  reasons: ReadonlyMap<string, string>,
): BootstrapReport["addresses"][number] {
  const { address, fault } = checked;
  const isConnected = node.connections().some((connection) => leadsTo(connection, checked));
  const reason = fault ?? (isConnected ? undefined : reasons.get(address));
  return {
    address,
    isValid: fault === undefined,
    ...(reason !== undefined && { reason }),
    isConnected,
  };
}
