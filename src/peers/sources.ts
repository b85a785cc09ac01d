/** The sources that a configuration asks for. @module */

import type { Clock } from "../concurrency/clock.ts";
import type { Config } from "../config/config.ts";
import type { Host } from "../host.ts";
import type { MeshNode } from "../mesh/mesh-node.ts";
import type { PeerSource } from "../registry/peers.ts";
import { createListSource, type ReadBootstrapList } from "./bootstrap-lists.ts";
import { createDhtSource } from "./dht-source.ts";
import { createGithubApi } from "./github-api.ts";
import { createGithubSource } from "./github-source.ts";
import { createMdnsSource, isReachable } from "./mdns-source.ts";
import { createRendezvousSource, type Fetch } from "./rendezvous-source.ts";
import type { DiscoverySource } from "./source.ts";

/** What the sources are made of. */
export interface SourceNeeds {
  readonly config: Pick<Config, "mesh" | "features" | "github">;
  readonly node: MeshNode;
  readonly lists: ReadBootstrapList;
  /** Connected peers. */
  readonly gossip: DiscoverySource;
  readonly role: "server" | "client";
  /** The local network, on hosts that can ask it. */
  readonly joinLocalNetwork: Host["joinLocalNetwork"];
  /** Whether the node takes part in a table. */
  readonly hasDht: boolean;
  readonly fetch: Fetch;
  readonly clock: Clock;
}

/** What each source is turned on with, for those who ask for one that is off. */
export const SOURCE_SETTINGS: Readonly<Record<PeerSource, string>> = {
  file: "mesh.bootstrap or peers.txt in the data directory",
  env: "MCPP_BOOTSTRAP",
  public: "features.publicBootstrap",
  mdns: "mesh.mdns, and listening beyond this machine",
  dht: "mesh.dht",
  rendezvous: "mesh.rendezvous",
  github: "features.githubRegistry and github.repository",
  peers: "features.mesh",
};

/** All of them; one per address where there may be several. */
export function createSources(needs: SourceNeeds): readonly DiscoverySource[] {
  const { config, node, lists, gossip, hasDht, fetch } = needs;
  const { mesh, features } = config;
  return [
    createListSource("file", lists, ["config", "file"]),
    createListSource("env", lists, ["env"]),
    features.publicBootstrap ? createListSource("public", lists, ["public"]) : [],
    mdnsSource(needs) ?? [],
    hasDht ? createDhtSource(node, mesh.network) : [],
    mesh.rendezvous.map((base) => createRendezvousSource(base, fetch)),
    githubSource(needs) ?? [],
    gossip,
  ].flat();
}

/** Who listens on this machine only is not looked for, and has no business, on the network. */
function mdnsSource(needs: SourceNeeds): DiscoverySource | undefined {
  const { config, node, role, clock, joinLocalNetwork: join } = needs;
  const { mdns, network } = config.mesh;
  const isTold = role === "server";
  if (!join || !mdns || (isTold && !node.addresses().some(isReachable))) return undefined;
  return createMdnsSource({ join, node, network, isTold, clock });
}

function githubSource({ config, node, fetch, clock }: SourceNeeds): DiscoverySource | undefined {
  const { features, github } = config;
  const { apiUrl, token, registry, repository } = github;
  if (!features.githubRegistry || repository === undefined) return undefined;
  const api = createGithubApi({ apiUrl, token, fetch, clock });
  const canWrite = token !== undefined;
  return createGithubSource({ api, repository, registry, self: node.peer, canWrite, clock });
}
