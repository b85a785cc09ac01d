/**
 * Every setting: its shape, its default, its sentence of documentation, and how else to set it.
 *
 * From it come checks, the JSON Schema for editors, `docs/configuration.md`, `mcpp config --explain`.
 *
 * @module
 */

import * as v from "valibot";
import { ApiKeySchema, JwtSchema } from "./auth-schema.ts";
import type { SettingKey, SettingValue } from "./config.ts";
import { name, names, whole } from "./entries.ts";
import { McpServersSchema } from "./mcp-servers.ts";
import { meshSettings } from "./mesh-settings.ts";
import { queueSettings } from "./queue-settings.ts";
import type { Setting } from "./setting.ts";

export type { Config, SettingKey } from "./config.ts";
export type { Setting } from "./setting.ts";

const yesOrNo = v.boolean();
const on = { schema: yesOrNo, default: true } as const;
const off = { schema: yesOrNo, default: false } as const;

/** The table; the order is that of the documentation. */
export const settings: { readonly [Key in SettingKey]: Setting<SettingValue<Key>> } = {
  name: {
    schema: name,
    default: "mcplusplus",
    description: "Name under which the server presents itself to clients",
    needsRestart: true,
  },
  view: {
    schema: v.picklist(["meta", "flat", "hybrid"]),
    default: "meta",
    description:
      "What clients see: four meta-tools (meta), every tool (flat), or meta-tools and the pinned categories (hybrid)",
    flag: "--view",
  },
  pinned: {
    schema: names,
    default: [],
    description: "Categories whose tools the hybrid view lists beside the meta-tools",
  },
  "listen.hostname": {
    schema: name,
    default: "127.0.0.1",
    description: "Address to listen on; anything but loopback needs auth or listen.insecure",
    flag: "--hostname",
    needsRestart: true,
  },
  "listen.port": {
    schema: whole(0, 65_535),
    default: 8000,
    description: "TCP port; 0 takes any free one",
    flag: "--port",
    alias: "MCPP_PORT",
    needsRestart: true,
  },
  "listen.insecure": {
    schema: yesOrNo,
    default: false,
    description: "Listen beyond this machine without authentication",
    flag: "--insecure",
    needsRestart: true,
  },
  "listen.allowedHosts": {
    schema: names,
    default: [],
    description: "Host names that requests may name beside localhost and the listening address",
  },
  "listen.allowedOrigins": {
    schema: names,
    default: [],
    description: "Web origins that may call the server from a browser",
  },
  "listen.maxBodyBytes": {
    schema: whole(1024, 1_073_741_824),
    default: 4_194_304,
    description: "Largest request body in bytes",
  },
  dataDir: {
    schema: name,
    defaultText: "mcplusplus in the user's data folder",
    description: "Folder for the store: cache, catalogs of mounted servers, pins",
    flag: "--data-dir",
    isPath: true,
    needsRestart: true,
  },
  roots: {
    schema: names,
    default: [],
    description: "Folders whose files tools may read and write; the first one takes relative paths",
    flag: "--root",
    isPath: true,
  },
  "features.mesh": { ...on, description: "Peers over libp2p", needsRestart: true },
  "features.queue": { ...on, description: "Durable task queue", needsRestart: true },
  "features.workflow": { ...on, description: "Workflows over the queue", needsRestart: true },
  "features.upstream": { ...on, description: "Mount the servers of mcpServers" },
  "features.dashboard": { ...off, description: "Web page at /dashboard" },
  "features.publicBootstrap": { ...off, description: "Dial public libp2p bootstrap nodes" },
  "features.githubRegistry": {
    ...off,
    description: "Find peers through a registry in GitHub issues",
  },
  "auth.keys": {
    schema: v.array(ApiKeySchema),
    default: [],
    description: "API keys that open the server; mcpp key create makes an entry",
    secrets: ["hash"],
  },
  "auth.jwt": {
    schema: v.optional(JwtSchema),
    defaultText: "none",
    description: "Accept bearer tokens of an OAuth authorization server",
  },
  "auth.anonymous": {
    schema: yesOrNo,
    defaultText: "true while neither auth.keys nor auth.jwt is set",
    description: "Let callers in that show no credentials",
  },
  "limits.timeoutMs": {
    schema: whole(1, 86_400_000),
    default: 60_000,
    description: "Time that a call may take where its tool says nothing else",
  },
  "limits.maxConcurrent": {
    schema: whole(1),
    default: 256,
    description: "Calls that run at once, over all callers",
  },
  "limits.perCallerConcurrent": {
    schema: whole(1),
    default: 64,
    description: "Calls of one caller that run at once",
  },
  "limits.perCallerPerSecond": {
    schema: whole(0),
    default: 0,
    description: "Calls per second and caller; 0 sets no limit",
  },
  "limits.maxBatch": {
    schema: whole(1, 10_000),
    default: 50,
    description: "Messages in one JSON-RPC batch",
  },
  "cache.maxEntries": {
    schema: whole(1),
    default: 10_000,
    description: "Entries that the cache holds before the least recently used one goes",
    needsRestart: true,
  },
  "cache.maxSizeBytes": {
    schema: whole(1024),
    default: 268_435_456,
    description: "Bytes that the cache holds before the least recently used entry goes",
    needsRestart: true,
  },
  "cache.defaultTtlMs": {
    schema: v.optional(whole(1)),
    defaultText: "none: until evicted",
    description: "Life of an entry that is stored without one",
    needsRestart: true,
  },
  "upstream.startTimeoutMs": {
    schema: whole(100, 600_000),
    default: 30_000,
    description: "Time that a mounted server may take to start",
    needsRestart: true,
  },
  "upstream.callTimeoutMs": {
    schema: whole(1, 86_400_000),
    default: 60_000,
    description: "Time that a call of a mounted server may take",
    needsRestart: true,
  },
  "upstream.idleStopMs": {
    schema: whole(0),
    default: 0,
    description: "Stop a mounted server after this long without a call; 0 never does",
    needsRestart: true,
  },
  "upstream.maxResultBytes": {
    schema: whole(1024),
    default: 16_777_216,
    description: "Largest result that a mounted server may return",
    needsRestart: true,
  },
  "upstream.pins": {
    schema: v.picklist(["off", "warn", "enforce"]),
    default: "warn",
    description: "What to do when a mounted server changes a tool that was seen before",
    needsRestart: true,
  },
  ...queueSettings,
  ...meshSettings,
  "log.level": {
    schema: v.picklist(["debug", "info", "warning", "error"]),
    default: "info",
    description: "Least severe message that is logged",
  },
  "log.audit": {
    schema: yesOrNo,
    default: true,
    description: "Record who called which tool, with what outcome",
  },
  mcpServers: {
    schema: McpServersSchema,
    default: {},
    description: "Other MCP servers to mount, in the shape of Claude Desktop and VS Code",
    secrets: ["env", "headers", "args", "url", "clientSecret", "privateKey"],
  },
};

/** Every key, in the order of the table. */
export const settingKeys: readonly SettingKey[] = Object.keys(settings) as SettingKey[];

/** `listen.allowedHosts` → `MCPP_LISTEN_ALLOWED_HOSTS`. */
export function environmentNameOf(key: SettingKey): string {
  return `MCPP_${key
    .replaceAll(/([a-z])([A-Z])/g, "$1_$2")
    .replaceAll(".", "_")
    .toUpperCase()}`;
}

/** The row of a key, without its value's type. */
export function settingOf(key: SettingKey): Setting {
  return settings[key];
}
