/** Names and numbers of the Model Context Protocol that this server speaks in its own voice. @module */

/** The revision of the modern, stateless era (https://modelcontextprotocol.io/specification/2026-07-28). */
export const MODERN_VERSION = "2026-07-28";

/** Revisions of the legacy era, with initialize and sessions, newest first. */
export const LEGACY_VERSIONS: ReadonlySet<string> = new Set([
  "2025-11-25",
  "2025-06-18",
  "2025-03-26",
  "2024-11-05",
  "2024-10-07",
]);

/** Keys of a modern request's `_meta` envelope. */
export const META_KEY = {
  protocolVersion: "io.modelcontextprotocol/protocolVersion",
  clientInfo: "io.modelcontextprotocol/clientInfo",
  clientCapabilities: "io.modelcontextprotocol/clientCapabilities",
  logLevel: "io.modelcontextprotocol/logLevel",
  serverInfo: "io.modelcontextprotocol/serverInfo",
  subscriptionId: "io.modelcontextprotocol/subscriptionId",
} as const;

/** Our own key under which an error's code and data travel in a result's `_meta`. */
export const ERROR_META_KEY = "mcplusplus/error";

/** JSON-RPC 2.0 and MCP error codes. */
export const RPC_CODE = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  headerMismatch: -32020,
  missingCapability: -32021,
  unsupportedVersion: -32022,
} as const;

/** How long a client may keep a list, in ms; changes are announced besides. */
export const LIST_TTL_MS = 60_000;

/** Items of a list page. */
export const PAGE_SIZE = 500;
