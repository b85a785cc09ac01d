/** The commands about the mesh: other servers, and who this one is among them. @module */

import { buildCommand, buildRouteMap, type Command, type RouteMap } from "@stricli/core";
import type { CliContext } from "./context.ts";
import { type AppFlags, appFlags, type ServerFlags, serverFlags } from "./flags.ts";

/** Flags of the commands that ask a running server. */
export type MeshFlags = ServerFlags;

/** Flags of `mcpp peers discover`. */
export interface DiscoverFlags extends MeshFlags {
  readonly source?: readonly string[];
  readonly ability?: string;
}

/** Flags of `mcpp peers ping`. */
export interface PingFlags extends MeshFlags {
  readonly count: string;
}

/** Flags of `mcpp identity export`. */
export interface ExportFlags extends AppFlags {
  readonly out?: string;
}

/** Flags of `mcpp identity import`. */
export interface ImportFlags extends AppFlags {
  readonly force: boolean;
}

const peerParameter = {
  brief: "Id of a peer, or a multiaddr that ends in one",
  parse: String,
  placeholder: "peer",
} as const;

const peersList: Command<CliContext> = buildCommand<MeshFlags, [], CliContext>({
  loader: async () => (await import("./commands/peers.ts")).listPeers,
  parameters: { flags: serverFlags },
  docs: { brief: "List the peers that are known (what mcpp peers alone does)" },
});

const peersConnect: Command<CliContext> = buildCommand<MeshFlags, [peer: string], CliContext>({
  loader: async () => (await import("./commands/peers.ts")).connectPeer,
  parameters: { flags: serverFlags, positional: { kind: "tuple", parameters: [peerParameter] } },
  docs: { brief: "Connect to a peer" },
});

const SOURCES = ["file", "env", "public", "mdns", "dht", "rendezvous", "github", "peers"] as const;

const peersDiscover: Command<CliContext> = buildCommand<DiscoverFlags, [], CliContext>({
  loader: async () => (await import("./commands/peers.ts")).discoverPeers,
  parameters: {
    flags: {
      ...serverFlags,
      source: {
        kind: "parsed",
        parse: String,
        proposeCompletions: () => SOURCES,
        brief: `Where to look (repeatable; all if left out): ${SOURCES.join(", ")}`,
        placeholder: "source",
        optional: true,
        variadic: true,
      },
      ability: {
        kind: "parsed",
        parse: String,
        brief: "Only peers that say they can do this",
        placeholder: "name",
        optional: true,
      },
    },
  },
  docs: { brief: "Look for peers, and say what each source brought" },
});

const peersPing: Command<CliContext> = buildCommand<PingFlags, [peer: string], CliContext>({
  loader: async () => (await import("./commands/ping.ts")).pingPeer,
  parameters: {
    flags: {
      ...serverFlags,
      count: {
        kind: "parsed",
        parse: String,
        brief: "How many times",
        placeholder: "n",
        default: "4",
      },
    },
    positional: { kind: "tuple", parameters: [peerParameter] },
  },
  docs: { brief: "Measure the way to a peer and back" },
});

/** `mcpp peers`. */
export const peers: RouteMap<CliContext> = buildRouteMap({
  routes: { list: peersList, connect: peersConnect, discover: peersDiscover, ping: peersPing },
  docs: {
    brief: "See, find and connect other servers and pages",
    fullDescription:
      "See, find and connect other servers and pages of the mesh.\nThe running server of this configuration is asked; where none runs, the command itself joins the mesh for the moment.",
  },
});

const identityShow: Command<CliContext> = buildCommand<AppFlags, [], CliContext>({
  loader: async () => (await import("./commands/identity.ts")).showIdentity,
  parameters: { flags: appFlags },
  docs: { brief: "Show peer id, did:key and file (what mcpp identity alone does)" },
});

const identityExport: Command<CliContext> = buildCommand<ExportFlags, [], CliContext>({
  loader: async () => (await import("./commands/identity.ts")).exportIdentity,
  parameters: {
    flags: {
      ...appFlags,
      out: {
        kind: "parsed",
        parse: String,
        brief: "Write it to this file, for this user alone",
        placeholder: "path",
        optional: true,
      },
    },
  },
  docs: { brief: "Print the secret key (PKCS#8 PEM)" },
});

const identityImport: Command<CliContext> = buildCommand<ImportFlags, [file: string], CliContext>({
  loader: async () => (await import("./commands/identity.ts")).importIdentity,
  parameters: {
    flags: {
      ...appFlags,
      force: {
        kind: "boolean",
        brief: "Replace another identity; its file is kept beside the new one",
        default: false,
        withNegated: false,
      },
    },
    positional: {
      kind: "tuple",
      parameters: [
        {
          brief: "A private Ed25519 key (PKCS#8 PEM); - reads it from standard input",
          parse: String,
          placeholder: "file",
        },
      ],
    },
  },
  docs: { brief: "Take over a key: this server is somebody else from its next start on" },
});

/** `mcpp identity`. */
export const identity: RouteMap<CliContext> = buildRouteMap({
  routes: { show: identityShow, export: identityExport, import: identityImport },
  docs: { brief: "Who this server is in the mesh; its key out and in" },
});
