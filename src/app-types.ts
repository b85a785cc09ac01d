/** What a running server offers to the program around it. @module */

import type { Config } from "./config/schema.ts";
import type { Caller } from "./registry/caller.ts";
import type { SettingOrigin, UpstreamStatus } from "./registry/context.ts";
import type { RegisteredTool, Registry } from "./registry/registry.ts";
import type { CallResult } from "./registry/result.ts";
import type { ToolCall } from "./router/call.ts";

/** What a look at one mounted server found. */
export interface Diagnosis {
  readonly healthy: boolean;
  readonly detail: string;
  /** What a person can do about it. */
  readonly hints: readonly string[];
}

/** The mounted servers of an app. */
export interface AppUpstreams {
  status(): readonly UpstreamStatus[];
  /** Resolves when every first start has succeeded or failed. */
  settled(): Promise<void>;
  onChange(listener: () => void): () => void;
  diagnose(name: string): Promise<Diagnosis>;
}

/** What a configuration change did. */
export interface ReloadReport {
  readonly changed: readonly string[];
  readonly needsRestart: readonly string[];
}

/** A composed server without a socket of its own. */
export interface App extends AsyncDisposable {
  readonly config: Config;
  readonly registry: Registry;
  readonly upstreams: AppUpstreams;
  settings(): readonly SettingOrigin[];
  /** Tools that fit a query in natural language, best first. */
  search(query: string, caller: Caller, limit: number): Promise<readonly RegisteredTool[]>;
  /** Answer one HTTP request: MCP, REST and operations. */
  fetch(request: Request): Response | Promise<Response>;
  call(call: ToolCall): Promise<CallResult>;
  /** Speak MCP as JSON lines until the input ends. */
  serveStream(
    input: ReadableStream<Uint8Array>,
    output: WritableStream<Uint8Array>,
    caller: Caller,
  ): Promise<void>;
  reload(): Promise<ReloadReport>;
  stop(): Promise<void>;
}
