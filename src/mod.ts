/**
 * The public API, neutral of hosts: `createApp` and `serve` take the host as an option.
 *
 * `runtimes/lib.ts`, the package's entry, exports the same with the host of its process put in.
 *
 * @module
 */

export type { LoadMesh } from "./app-types.ts";
export type { GivenConfig } from "./config/config.ts";
export type { Config } from "./config/schema.ts";
export {
  type EmbeddedApp,
  type EmbeddedCallOptions,
  type EmbeddingHost,
  type EmbedOptions,
  embed as createApp,
} from "./embed.ts";
export {
  AuthError,
  ConflictError,
  DeadlineError,
  type ErrorReport,
  InputError,
  IntegrityError,
  MeshError,
  reportOf,
  ToolError,
  UnavailableError,
} from "./errors.ts";
export { type Caller, localCaller } from "./registry/caller.ts";
export type { Category } from "./registry/category.ts";
export type { ToolContext } from "./registry/context.ts";
export type { Tool, ToolAnnotations, ToolDefinition } from "./registry/definition.ts";
export { defineTool } from "./registry/definition.ts";
export { type CallResult, type ContentBlock, text } from "./registry/result.ts";
export type { TaskHandler } from "./registry/task-handler.ts";
export { type ServeOptions, type Serving, type ServingHost, serve } from "./serve.ts";
export { VERSION } from "./version.ts";
