/**
 * What a handler sees: its call, and narrow interfaces of the services it may touch.
 *
 * The services are satisfied structurally by modules elsewhere; `app.ts` is where the
 * compiler checks that they are. This file therefore imports nothing but types of its own kind.
 *
 * @module
 */

import type { Caller } from "./caller.ts";
import type { Peers } from "./peers.ts";
import type { Tasks } from "./tasks.ts";
import type { Workflows } from "./workflows.ts";

/** Severity of a log line to the client, as MCP names it (RFC 5424). */
export type LogLevel =
  | "debug"
  | "info"
  | "notice"
  | "warning"
  | "error"
  | "critical"
  | "alert"
  | "emergency";

/** Files under the configured roots; a path outside them is `forbidden_path`. */
export interface Files {
  /** The absolute folders that tools may touch. */
  readonly roots: readonly string[];
  sizeBytes(path: string): Promise<number>;
  read(
    path: string,
    range?: { readonly start: number; readonly end: number },
  ): Promise<ReadableStream<Uint8Array>>;
  /** The file appears under its name when the stream is closed; aborting leaves nothing. */
  write(path: string): Promise<WritableStream<Uint8Array>>;
}

/** One entry of the cache, without its value. */
export interface CacheEntryInfo {
  readonly key: string;
  readonly sizeBytes: number;
  readonly storedAt: string;
  readonly expiresAt?: string;
}

/** Totals of the cache since it was opened. */
export interface CacheStats {
  readonly entries: number;
  readonly sizeBytes: number;
  readonly maxEntries: number;
  readonly maxSizeBytes: number;
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
  readonly expirations: number;
}

/** JSON values by key, bounded in number and size, gone when their time is over. */
export interface Cache {
  get(key: string): Promise<{ readonly value: unknown; readonly info: CacheEntryInfo } | undefined>;
  set(key: string, value: unknown, options?: { readonly ttlMs?: number }): Promise<CacheEntryInfo>;
  delete(key: string): Promise<boolean>;
  list(options: {
    readonly prefix: string;
    readonly limit: number;
    readonly after?: string;
  }): Promise<readonly CacheEntryInfo[]>;
  stats(): CacheStats;
}

/** Result of one named check. */
export interface HealthCheck {
  readonly name: string;
  readonly healthy: boolean;
  readonly detail: string;
}

/** Everything the server knows of its own work. */
export interface Monitor {
  health(): Promise<{
    readonly healthy: boolean;
    readonly uptimeMs: number;
    readonly version: string;
    readonly host: string;
    readonly checks: readonly HealthCheck[];
    readonly memory?: { readonly rssBytes: number; readonly heapBytes: number };
  }>;
  metrics(prefix: string): readonly MetricSnapshot[];
  runtimes(): readonly RuntimeStats[];
  upstreams(): readonly UpstreamStatus[];
}

/** One series of a metric at one moment. */
export interface MetricSnapshot {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Histograms only: number of observations and quantiles in the metric's unit. */
  readonly count?: number;
  readonly p50?: number;
  readonly p95?: number;
  readonly p99?: number;
  /** Histograms only: cumulative counts by upper bound. */
  readonly buckets?: readonly { readonly le: number; readonly count: number }[];
}

/** What the router knows of a runtime. */
export interface RuntimeStats {
  readonly runtime: string;
  readonly available: boolean;
  readonly reason?: string;
  readonly calls: number;
  readonly failures: number;
  readonly fallbacks: number;
  readonly inFlight: number;
  readonly breaker: "closed" | "open" | "half-open";
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** A mounted server, as people see it. */
export interface UpstreamStatus {
  readonly name: string;
  readonly transport: "stdio" | "http";
  readonly state: "idle" | "starting" | "ready" | "backoff" | "failed" | "stopped" | "disabled";
  readonly era?: "modern" | "legacy";
  readonly server?: string;
  readonly tools: number;
  readonly pid?: number;
  readonly restarts: number;
  readonly calls: number;
  readonly failures: number;
  readonly error?: string;
  /** Where a person is to allow its use, while that is what it waits for. */
  readonly consentUrl?: string;
  /** What a person should look at although it works, e.g. tools that changed. */
  readonly warnings?: readonly string[];
  readonly since: string;
}

/** One setting with its value and where that value came from. */
export interface SettingOrigin {
  readonly key: string;
  readonly value: unknown;
  readonly origin: string;
  readonly description: string;
}

/** Changes to the running server; tools that use it need the ability `admin`. */
export interface Admin {
  settings(prefix: string): readonly SettingOrigin[];
  /** Read the configuration again; what changed is applied and named. */
  reload(): Promise<{
    readonly changed: readonly string[];
    readonly needsRestart: readonly string[];
  }>;
  startUpstream(name: string): Promise<UpstreamStatus>;
  stopUpstream(name: string): Promise<UpstreamStatus>;
  /** Trust the definitions that a server offers now: of one tool, or of all. */
  approveUpstream(name: string, tool?: string): Promise<UpstreamStatus>;
  upstreams(): readonly UpstreamStatus[];
}

/** The services that tools may use. */
export interface Services {
  readonly files: Files;
  readonly cache: Cache;
  readonly monitor: Monitor;
  readonly admin: Admin;
  /** Throws `runtime_unavailable` where there is no mesh. */
  readonly peers: Peers;
  /** Throws `runtime_unavailable` where nothing can be kept. */
  readonly tasks: Tasks;
  /** Throws `runtime_unavailable` where nothing can be kept. */
  readonly workflows: Workflows;
}

/** Answers to questions that an earlier round of the same call asked (MCP MRTR). */
export type InputResponses = Readonly<Record<string, unknown>>;

/** What a client said it can do, as MCP's `ClientCapabilities`. */
export type ClientCapabilities = Readonly<Record<string, unknown>>;

/** What a handler gets beside its input. */
export interface ToolContext extends Services {
  /** Aborts on cancellation, deadline, or when the caller is gone. */
  readonly signal: AbortSignal;
  readonly caller: Caller;
  readonly client: ClientCapabilities;
  readonly inputResponses: InputResponses | undefined;
  /** What this tool returned as `requestState` a round earlier; the engine seals and checks it. */
  readonly requestState: string | undefined;
  /** W3C `traceparent` of the call, to hand on to whatever it calls. */
  readonly traceparent?: string | undefined;
  /** Report progress; without `total` the end is not known. */
  progress(done: number, total?: number, message?: string): void;
  /** Log to the client, where it asked for logs. */
  log(level: LogLevel, data: unknown, logger?: string): void;
}
