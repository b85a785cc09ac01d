/**
 * The configuration of a server, complete and checked.
 *
 * `schema.ts` holds a row for every leaf of this interface; the compiler refuses a leaf without a
 * row and a row without a leaf.
 *
 * @module
 */

import type { Access } from "../registry/caller.ts";
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
  readonly log: {
    readonly level: LogThreshold;
    readonly audit: boolean;
  };
  readonly mcpServers: McpServersConfig;
}

/** The parts of {@link Config} that hold further settings. */
export type Section = "listen" | "features" | "auth" | "limits" | "cache" | "upstream" | "log";

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
