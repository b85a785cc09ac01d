/**
 * The package's entry: the public API with this process's host and the built-in tools put in.
 * Bundlers for isolates and pages find `web.ts` behind `#host`, whose `serve` says what to do instead.
 *
 * @module
 */

import { host } from "#host";
import {
  type EmbeddedApp,
  type EmbedOptions,
  createApp as makeApp,
  type ServeOptions as ServeOnOptions,
  type Serving,
  serve as serveOn,
} from "../src/mod.ts";
import { partsFor } from "./builtin.ts";

export {
  AuthError,
  type Caller,
  type CallResult,
  type Category,
  type Config,
  ConflictError,
  type ContentBlock,
  DeadlineError,
  defineTool,
  type EmbeddedApp,
  type EmbeddedCallOptions,
  type ErrorReport,
  type GivenConfig,
  InputError,
  IntegrityError,
  localCaller,
  MeshError,
  reportOf,
  type Serving,
  type TaskHandler,
  type Tool,
  type ToolAnnotations,
  type ToolContext,
  type ToolDefinition,
  ToolError,
  text,
  UnavailableError,
  VERSION,
} from "../src/mod.ts";

/** What a server is made of; `catalog` replaces the built-in tools. */
export type AppOptions = Omit<EmbedOptions, "host">;

/** What is served, and on which port; `catalog` replaces the built-in tools. */
export type ServeOptions = Omit<ServeOnOptions, "host">;

const parts = partsFor(host);

/** Make a server to embed: `app.fetch`, `app.call`, `await using`. */
export function createApp(options: AppOptions = {}): Promise<EmbeddedApp> {
  return makeApp({ ...parts, ...options, host });
}

/** Serve MCP and REST over HTTP until the process is asked to end. */
export function serve(options: ServeOptions = {}): Promise<Serving> {
  return serveOn({ ...parts, ...options, host });
}
