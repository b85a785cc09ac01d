/**
 * Who may import whom, as data. A row may import from the rows that it names, which all stand above
 * it: arrows point one way. The longest row that fits a file is its own.
 *
 * @module
 */

/** What the files of a row may import beside each other. */
export interface Layer {
  readonly imports: readonly string[];
  /** Third-party packages. */
  readonly packages: readonly string[];
}

const row = (imports: string, packages = ""): Layer => ({
  imports: imports.split(" ").filter(Boolean),
  packages: packages.split(" ").filter(Boolean),
});

/** The table; what a lower row needs of a higher one's decisions, `src/app` hands to it. */
export const layers: Readonly<Record<string, Layer>> = {
  "src/version.ts": row(""),
  "src/errors.ts": row(""),
  "src/nearest.ts": row("", "fastest-levenshtein"),
  "src/sha256.ts": row("", "@noble/hashes"),
  // The contracts that hosts fulfil.
  "src/storage/store.ts": row(""),
  "src/ipld": row("src/errors.ts", "@ipld/dag-cbor @noble/hashes multiformats"),
  "src/queue/task.ts": row(""),
  "src/queue/queue-store.ts": row("src/queue/task.ts src/ipld"),
  "src/host.ts": row("src/storage/store.ts src/queue/queue-store.ts"),
  "src/concurrency": row("src/errors.ts"),
  "src/registry": row(
    "src/errors.ts src/nearest.ts",
    "valibot @valibot/to-json-schema @ipld/dag-cbor multiformats minisearch",
  ),
  "src/storage": row("src/errors.ts src/nearest.ts src/host.ts src/storage/store.ts src/registry"),
  "src/telemetry": row("src/errors.ts src/sha256.ts src/concurrency src/registry", "canonicalize"),
  "src/config": row(
    "src/errors.ts src/nearest.ts src/registry",
    "valibot @valibot/to-json-schema yaml",
  ),
  "src/queue": row(
    "src/errors.ts src/sha256.ts src/concurrency src/ipld src/registry src/queue/task.ts " +
      "src/queue/queue-store.ts",
    "@ipld/dag-cbor croner multiformats valibot",
  ),
  "src/workflow/draw": row("src/errors.ts src/registry", "@dagrejs/dagre"),
  "src/workflow": row(
    "src/errors.ts src/concurrency src/ipld src/registry src/queue src/queue/task.ts " +
      "src/queue/queue-store.ts src/workflow/draw",
    "@cfworker/json-schema @ipld/car @ipld/dag-cbor @marcbachmann/cel-js multiformats valibot",
  ),
  "src/workflow/proof": row(
    "src/errors.ts src/ipld src/queue src/queue/task.ts src/workflow",
    "@ipld/car @ipld/dag-cbor multiformats valibot",
  ),
  "src/auth": row("src/errors.ts src/sha256.ts src/config src/registry", "jose"),
  "src/router": row("src/errors.ts src/concurrency src/registry src/telemetry", "canonicalize"),
  "src/mcp": row(
    "src/errors.ts src/sha256.ts src/concurrency src/registry src/router",
    "@modelcontextprotocol/server canonicalize valibot",
  ),
  "src/upstream": row(
    "src/errors.ts src/nearest.ts src/sha256.ts src/host.ts src/storage/store.ts src/concurrency " +
      "src/config src/registry src/telemetry",
    "@modelcontextprotocol/client @cfworker/json-schema canonicalize ipaddr.js",
  ),
  "src/server": row(
    "src/errors.ts src/nearest.ts src/concurrency src/config src/auth src/registry src/router " +
      "src/mcp src/telemetry",
    "hono @modelcontextprotocol/server",
  ),
  "src/mesh": row(
    "src/version.ts src/errors.ts src/host.ts src/concurrency src/registry src/router src/mcp " +
      "src/upstream",
    "@libp2p/autonat @libp2p/circuit-relay-v2 @libp2p/crypto @libp2p/dcutr @libp2p/identify " +
      "@libp2p/interface @libp2p/noise @libp2p/peer-id @libp2p/ping @libp2p/utils @libp2p/yamux " +
      "@multiformats/multiaddr @multiformats/multiaddr-matcher libp2p multiformats",
  ),
  "src/peers": row(
    "src/errors.ts src/host.ts src/storage/store.ts src/concurrency src/config src/mesh " +
      "src/registry src/storage src/telemetry",
    "@ipld/dag-cbor @libp2p/interface @libp2p/kad-dht @libp2p/peer-id @libp2p/utils " +
      "@multiformats/multiaddr ipaddr.js multiformats valibot",
  ),
  "src/tool.ts": row("src/errors.ts src/nearest.ts src/registry src/telemetry"),
  "src/app-queues.ts": row(""),
  "src/app-types.ts": row(
    "src/app-queues.ts src/host.ts src/storage/store.ts src/concurrency src/config src/registry src/router src/mcp " +
      "src/upstream src/telemetry",
  ),
  "src/app": row(
    "src/app-types.ts src/version.ts src/errors.ts src/host.ts src/storage/store.ts src/storage " +
      "src/concurrency src/registry src/router src/telemetry src/config src/auth src/mcp " +
      "src/upstream src/server src/mesh src/peers src/queue src/queue/queue-store.ts src/workflow src/app-queues.ts",
    "libp2p valibot",
  ),
  "src/app.ts": row("src/app src/app-types.ts src/config src/registry"),
  "src/own-tools.ts": row("src/errors.ts src/registry"),
  "src/page": row(
    "src/version.ts src/errors.ts src/storage/store.ts src/concurrency src/registry src/storage " +
      "src/telemetry src/config src/queue src/queue/task.ts src/auth src/router src/mcp src/mesh " +
      "src/peers src/own-tools.ts",
  ),
  "src/embed.ts": row(
    "src/app.ts src/app-types.ts src/host.ts src/own-tools.ts src/config src/registry",
  ),
  "src/cli": row(
    "src/app-queues.ts src/app-types.ts src/errors.ts src/host.ts src/ipld src/config src/auth src/registry src/router " +
      "src/mesh src/workflow/draw src/workflow/proof",
    "@stricli/core uqr valibot",
  ),
  "src/serve.ts": row("src/embed.ts src/cli src/config src/errors.ts src/host.ts"),
  "src/mod.ts": row(
    "src/version.ts src/errors.ts src/config src/registry src/app-types.ts src/embed.ts " +
      "src/serve.ts",
  ),
  tools: row(
    "src/tool.ts",
    "valibot hyparquet hyparquet-compressors hyparquet-writer papaparse re2js @streamparser/json",
  ),
  runtimes: row(
    "src/version.ts src/errors.ts src/host.ts src/storage/store.ts src/storage src/app src/app.ts " +
      "src/cli src/mod.ts src/tool.ts src/mesh src/concurrency src/config src/registry src/queue " +
      "src/queue/task.ts src/queue/queue-store.ts src/ipld src/upstream src/page tools",
    "#mesh @chainsafe/libp2p-quic @hono/node-server @ipld/dag-cbor @libp2p/interface @libp2p/mdns @libp2p/noise @libp2p/tcp " +
      "@libp2p/utils @libp2p/webrtc @libp2p/webtransport @multiformats/multiaddr " +
      "@multiformats/multiaddr-matcher @peculiar/x509 @sqlite.org/sqlite-wasm multiformats node-datachannel postgres reflect-metadata " +
      "valibot ws",
  ),
};
