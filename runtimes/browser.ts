/**
 * `mcplusplus/browser`: a page as a peer of the mesh.
 *
 * @example
 * ```ts
 * import { createMesh } from "mcplusplus/browser";
 *
 * const mesh = await createMesh({ bootstrap: ["/dns4/tools.example/tcp/443/tls/ws/p2p/12D3KooW…"] });
 * const { structuredContent } = await mesh.call("add", { a: 1, b: 2 });
 * ```
 *
 * @module
 */

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
} from "../src/errors.ts";
export type { PeerConnection } from "../src/mesh/peer-connection.ts";
export type { PageCallOptions, PageMesh, PageTool } from "../src/page/page.ts";
export type {
  PageQueue,
  PageQueuePlace,
  PageTask,
  PageTaskRequest,
  PageWorker,
  PageWorkOptions,
} from "../src/page/queue.ts";
export type { ToolContext } from "../src/registry/context.ts";
export type { Tool, ToolAnnotations, ToolDefinition } from "../src/registry/definition.ts";
export { defineTool } from "../src/registry/definition.ts";
export type { PeerInfo } from "../src/registry/peers.ts";
export { type CallResult, type ContentBlock, text } from "../src/registry/result.ts";
export type { TaskHandler } from "../src/registry/task-handler.ts";
export type { TaskInfo } from "../src/registry/task-views.ts";
export { createMesh, type MeshOptions } from "./browser/create-mesh.ts";
export { v } from "./browser/schemas.ts";
