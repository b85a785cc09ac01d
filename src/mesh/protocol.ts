/** Protocol id and bounds of the wire. @module */

/** MCP over libp2p streams: MCP++ Profile E. */
export const MCP_PROTOCOL = "/mcp+p2p/1.0.0";

/** No write is larger: py-libp2p's noise fails above 65,535 bytes with its tag and header. */
export const MAX_WRITE_BYTES: number = 60 * 1024;

/** Bytes of a frame's length: unsigned, big-endian. */
export const LENGTH_BYTES = 4;

/** Everything of a node closes within this time. */
export const STOP_MS = 5_000;
