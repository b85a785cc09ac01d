/** The settings of the mesh: rows of the table in `schema.ts`. @module */

import * as v from "valibot";
import { defaultPeerLimits } from "../registry/peer-limits.ts";
import type { PeerRuleConfig, SettingKey, SettingValue } from "./config.ts";
import { name, names, whole } from "./entries.ts";
import type { Setting } from "./setting.ts";

type MeshSection = "mesh" | "peerLimits" | "github" | "home";

type MeshKey = Extract<SettingKey, `${MeshSection}.${string}`>;

const port: v.GenericSchema<number | "off"> = v.union([v.literal("off"), whole(0, 65_535)]);
const webUrl = v.pipe(v.string(), v.regex(/^https?:\/\//, "must begin with http:// or https://"));

const PeerRuleSchema: v.GenericSchema<unknown, PeerRuleConfig> = v.strictObject({
  peer: v.pipe(name, v.description("Peer id, or * for every peer")),
  tools: v.pipe(v.optional(names, []), v.description("Tools by name; * stands for anything")),
  categories: v.pipe(v.optional(names, []), v.description("Categories whose every tool is open")),
  abilities: v.pipe(v.optional(names, []), v.description("Named rights, such as admin")),
});

/** Services that answer with the asker's own address as text. */
const PUBLIC_IP_SERVICES = [
  "https://api.ipify.org",
  "https://icanhazip.com",
  "https://ifconfig.me/ip",
  "https://checkip.amazonaws.com",
] as const;

/** The rows of `mesh`, `peerLimits`, `github` and `home`. */
export const meshSettings: { readonly [Key in MeshKey]: Setting<SettingValue<Key>> } = {
  "mesh.network": {
    schema: v.pipe(name, v.regex(/^[a-z0-9-]{1,32}$/, "must be 1 to 32 of a-z, 0-9 and -")),
    default: "mcplusplus",
    description: "Name of the mesh: peers of another one are not looked for",
    needsRestart: true,
  },
  "mesh.hostname": {
    schema: v.optional(name),
    defaultText: "that of listen.hostname",
    description: "Address on which TCP, QUIC and WebRTC listen for peers",
    needsRestart: true,
  },
  "mesh.tcpPort": {
    schema: port,
    default: 4001,
    description: "TCP port for peers; 0 takes any free one, off closes it",
    needsRestart: true,
  },
  "mesh.webRtcPort": {
    schema: port,
    default: 4001,
    description: "UDP port for WebRTC-direct; 0 takes any free one, off closes it",
    needsRestart: true,
  },
  "mesh.quicPort": {
    schema: port,
    default: "off",
    description: "UDP port for QUIC, where @chainsafe/libp2p-quic is installed",
    needsRestart: true,
  },
  "mesh.webTransportPort": {
    schema: port,
    default: "off",
    description: "UDP port for WebTransport, on hosts that can listen for it",
    needsRestart: true,
  },
  "mesh.webSocket": {
    schema: v.boolean(),
    default: true,
    description: "Accept peers and pages as WebSockets on the HTTP port",
    needsRestart: true,
  },
  "mesh.announce": {
    schema: names,
    default: [],
    description: "Multiaddrs to announce instead of those listened on, e.g. behind a proxy",
    needsRestart: true,
  },
  "mesh.bootstrap": {
    schema: names,
    default: [],
    description: "Multiaddrs of peers to connect to at start; commas or newlines in the variable",
    alias: "MCPP_BOOTSTRAP",
    flag: "--bootstrap",
    needsRestart: true,
  },
  "mesh.allow": {
    schema: v.array(PeerRuleSchema),
    default: [],
    description: "What peers may call beside tools that only read: by peer, tools and categories",
  },
  "mesh.relay": {
    schema: v.boolean(),
    default: true,
    description: "Relay connections between peers that cannot reach each other directly",
    needsRestart: true,
  },
  "mesh.maxReservations": {
    schema: whole(0, 10_000),
    default: 32,
    description: "Peers that may be reached through this relay at once",
    needsRestart: true,
  },
  "mesh.maxConnections": {
    schema: whole(1, 100_000),
    default: 300,
    description: "Connections to peers that are open at once",
    needsRestart: true,
  },
  "mesh.mdns": {
    schema: v.boolean(),
    default: true,
    description: "Look for peers on the local network, where listening beyond this machine",
    needsRestart: true,
  },
  "mesh.dht": {
    schema: v.boolean(),
    default: true,
    description: "Look for peers in a distributed hash table of the mesh's own",
    needsRestart: true,
  },
  "mesh.rendezvous": {
    schema: v.array(webUrl),
    default: [],
    description: "Servers to ask for peers over HTTP, e.g. https://tools.example",
    needsRestart: true,
  },
  "mesh.publicIpServices": {
    schema: v.array(webUrl),
    default: [...PUBLIC_IP_SERVICES],
    description: "Services that tell this machine's public address; a majority is believed",
  },
  "peerLimits.streamsPerPeer": {
    schema: whole(1, 10_000),
    default: defaultPeerLimits.streamsPerPeer,
    description: "Streams that one peer may have open here",
    needsRestart: true,
  },
  "peerLimits.requestsPerPeer": {
    schema: whole(1, 1_000_000),
    default: defaultPeerLimits.requestsPerPeer,
    description: "Requests of one peer that run at once",
  },
  "peerLimits.bytesPerSecond": {
    schema: whole(0),
    default: defaultPeerLimits.bytesPerSecond,
    description: "Bytes of requests per second and peer; 0 sets no limit",
  },
  "peerLimits.requestsPerSecond": {
    schema: whole(0),
    default: defaultPeerLimits.requestsPerSecond,
    description: "New requests per second and peer, in the long run; 0 sets no limit",
  },
  "peerLimits.requestBurst": {
    schema: whole(1),
    default: defaultPeerLimits.requestBurst,
    description: "New requests that a peer may send at once after a rest",
  },
  "peerLimits.maxFrameBytes": {
    schema: whole(1024, 16 * 1024 * 1024),
    default: defaultPeerLimits.maxFrameBytes,
    description: "Largest message to or from a peer, in bytes",
    needsRestart: true,
  },
  "peerLimits.idleMs": {
    schema: whole(100, 86_400_000),
    default: defaultPeerLimits.idleMs,
    description: "Time without a request after which a stream is closed",
    needsRestart: true,
  },
  "peerLimits.requestMs": {
    schema: whole(1, 86_400_000),
    default: defaultPeerLimits.requestMs,
    description: "Time that a peer may take to answer; progress begins it again",
  },
  "github.repository": {
    schema: v.optional(v.pipe(name, v.regex(/^[^/\s]+\/[^/\s]+$/, "must be owner/name"))),
    defaultText: "none",
    description: "Repository whose issues hold the registry of peers",
    needsRestart: true,
  },
  "github.registry": {
    schema: name,
    default: "mcplusplus-peers",
    description: "Title of the issue that is the registry",
    needsRestart: true,
  },
  "github.apiUrl": {
    schema: webUrl,
    default: "https://api.github.com",
    description: "Address of the API; another one for GitHub Enterprise",
    needsRestart: true,
  },
  "github.token": {
    schema: v.optional(name),
    defaultText: "none",
    description: "Token that may write comments; best from the environment",
    alias: "GITHUB_TOKEN",
    secrets: ["*"],
    needsRestart: true,
  },
  "home.url": {
    schema: v.optional(webUrl),
    defaultText: "none",
    description: "Server that runs mesh tools for a host without a mesh, such as an edge function",
    alias: "MCPP_HOME",
    needsRestart: true,
  },
  "home.key": {
    schema: v.optional(name),
    defaultText: "none",
    description: "API key for the home server; best from the environment",
    secrets: ["*"],
    needsRestart: true,
  },
};
