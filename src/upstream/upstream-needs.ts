/** What a mounted server is made of: its surroundings, its settings, its identity. @module */

import type { Clock } from "../concurrency/clock.ts";
import type { McpServerConfig } from "../config/mcp-servers.ts";
import type { Registry } from "../registry/registry.ts";
import type { Store } from "../storage/store.ts";
import type { Consent } from "./consent.ts";
import type { OpenNeeds } from "./open.ts";
import type { PinMode } from "./pins.ts";

/** What every mounted server needs of its surroundings. */
export interface UpstreamNeeds {
  readonly open: Omit<OpenNeeds, "environment"> & {
    readonly environment: () => Readonly<Record<string, string>>;
  };
  readonly store: Store;
  readonly clock: Clock;
  /** The way to a person, for servers that want consent; without it they want a token. */
  readonly consent?: Consent | undefined;
  readonly random: () => number;
  readonly registry: Registry;
  /** The state of a server, or what it offers, changed. */
  readonly changed: () => void;
  readonly resourceUpdated: (uri: string) => void;
  /** Something went wrong that no caller hears of. */
  readonly trouble: (upstream: string, error: unknown) => void;
}

/** Settings that are the same for all servers. */
export interface UpstreamSettings {
  readonly startTimeoutMs: number;
  readonly callTimeoutMs: number;
  /** 0: a server that is not used keeps running. */
  readonly idleStopMs: number;
  readonly pins: PinMode;
}

/** What identifies one server. */
export interface UpstreamIdentity {
  readonly name: string;
  readonly category: string;
  readonly config: McpServerConfig;
  readonly fingerprint: string;
}
