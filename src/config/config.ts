/**
 * The configuration of a server, complete and checked.
 *
 * `schema.ts` holds a row for every leaf of this interface; the compiler refuses a leaf without a
 * row and a row without a leaf.
 *
 * @module
 */

import type { Access } from "../registry/caller.ts";
import type { PeerLimits } from "../registry/peer-limits.ts";
import type { HttpServerConfig, McpServersConfig, StdioServerConfig } from "./mcp-servers.ts";

/** What clients see of the tools: four meta-tools, every tool, or meta-tools and some categories. */
export type View = "meta" | "flat" | "hybrid";

/** An API key as the configuration knows it: its hash and what it opens. */
export interface ApiKeyConfig {
  readonly id: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly hash: string;
  readonly categories: "*" | readonly string[];
  readonly access: Access;
  readonly abilities?: readonly string[] | undefined;
  /** ISO-8601; left out, the key does not expire. */
  readonly expiresAt?: string | undefined;
}

/** Tokens of an authorization server, and how to check them. */
export interface JwtConfig {
  readonly issuer: string;
  readonly audience: string;
  /** Where the issuer publishes its keys; this or `jwks`. */
  readonly jwksUri?: string | undefined;
  readonly jwks?: { readonly keys: readonly Readonly<Record<string, unknown>>[] } | undefined;
  readonly algorithms: readonly string[];
}

/** What one peer, or every peer, may use here beside the tools that only read. */
export interface PeerRuleConfig {
  /** A peer id, or `*`. */
  readonly peer: string;
  /** Tools by name; `*` stands for anything. */
  readonly tools: readonly string[];
  readonly categories: readonly string[];
  /** Named rights, e.g. `admin`. */
  readonly abilities: readonly string[];
}

/** How much a log tells. */
export type LogThreshold = "debug" | "info" | "warning" | "error";

/** The configuration of a server. */
export interface Config {
  readonly name: string;
  readonly view: View;
  readonly pinned: readonly string[];
  readonly listen: {
    readonly hostname: string;
    readonly port: number;
    readonly insecure: boolean;
    readonly allowedHosts: readonly string[];
    readonly allowedOrigins: readonly string[];
    readonly maxBodyBytes: number;
  };
  /** Absolute. */
  readonly dataDir: string;
  /** Absolute. */
  readonly roots: readonly string[];
  readonly features: {
    readonly mesh: boolean;
    readonly queue: boolean;
    readonly workflow: boolean;
    readonly upstream: boolean;
    readonly dashboard: boolean;
    readonly publicBootstrap: boolean;
    readonly githubRegistry: boolean;
  };
  readonly auth: {
    readonly keys: readonly ApiKeyConfig[];
    readonly jwt: JwtConfig | undefined;
    readonly anonymous: boolean;
  };
  readonly limits: {
    readonly timeoutMs: number;
    readonly maxConcurrent: number;
    readonly perCallerConcurrent: number;
    readonly perCallerPerSecond: number;
    readonly maxBatch: number;
  };
  readonly cache: {
    readonly maxEntries: number;
    readonly maxSizeBytes: number;
    readonly defaultTtlMs: number | undefined;
  };
  readonly upstream: {
    readonly startTimeoutMs: number;
    readonly callTimeoutMs: number;
    readonly idleStopMs: number;
    readonly maxResultBytes: number;
    readonly pins: "off" | "warn" | "enforce";
  };
  readonly mesh: {
    /** Peers of other networks are not looked for. */
    readonly network: string;
    /** Left out, that of `listen.hostname`. */
    readonly hostname: string | undefined;
    readonly tcpPort: number | "off";
    readonly webRtcPort: number | "off";
    readonly quicPort: number | "off";
    readonly webTransportPort: number | "off";
    readonly webSocket: boolean;
    readonly announce: readonly string[];
    readonly bootstrap: readonly string[];
    readonly allow: readonly PeerRuleConfig[];
    readonly relay: boolean;
    readonly maxReservations: number;
    readonly maxConnections: number;
    readonly mdns: boolean;
    readonly dht: boolean;
    readonly rendezvous: readonly string[];
    readonly publicIpServices: readonly string[];
  };
  readonly queue: {
    /** A PostgreSQL database; left out, SQLite in `dataDir`. */
    readonly url: string | undefined;
    readonly slots: number;
    readonly leaseMs: number;
    readonly timeoutMs: number;
    readonly maxAttempts: number;
    readonly maxStalls: number;
    readonly maxBacklog: number;
    readonly resultTtlMs: number;
  };
  /** What one peer may use here; `docs/mesh.md` explains each. */
  readonly peerLimits: PeerLimits;
  readonly github: {
    /** `owner/name`. */
    readonly repository: string | undefined;
    readonly registry: string;
    readonly apiUrl: string;
    readonly token: string | undefined;
  };
  readonly home: {
    /** A server that runs mesh tools for a host that has no mesh. */
    readonly url: string | undefined;
    readonly key: string | undefined;
  };
  readonly log: {
    readonly level: LogThreshold;
    readonly audit: boolean;
  };
  readonly mcpServers: McpServersConfig;
}

/** The parts of {@link Config} that hold further settings. */
export type Section =
  | "listen"
  | "features"
  | "auth"
  | "limits"
  | "cache"
  | "upstream"
  | "mesh"
  | "queue"
  | "peerLimits"
  | "github"
  | "home"
  | "log";

/** Every setting by its path, e.g. `listen.port`. */
export type SettingKey =
  | Exclude<keyof Config, Section>
  | { readonly [S in Section]: `${S}.${keyof Config[S] & string}` }[Section];

/** Settings as a program gives them: what is left out keeps its default. */
export type GivenConfig = {
  readonly [Key in Exclude<keyof Config, "mcpServers">]?: Key extends Section
    ? Partial<Config[Key]>
    : Config[Key];
} & {
  readonly mcpServers?: Readonly<
    Record<string, Untyped<StdioServerConfig> | Untyped<HttpServerConfig>>
  >;
};

/** A mounted server whose kind follows from its `command` or `url`. */
type Untyped<Server extends { readonly type: string }> = Omit<Server, "type"> &
  Partial<Pick<Server, "type">>;

/** The type of a setting's value. */
export type SettingValue<Key extends SettingKey> = Key extends keyof Config
  ? Config[Key]
  : Key extends `${infer S extends Section}.${infer Name}`
    ? Name extends keyof Config[S]
      ? Config[S][Name]
      : never
    : never;
