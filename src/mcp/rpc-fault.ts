/** Failures that are the protocol's own, as JSON-RPC errors. @module */

/** A JSON-RPC error object. */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** Thrown where MCP says which error a request gets; every path answers with that one. */
export class RpcFault extends Error {
  readonly rpc: RpcError;

  constructor(rpc: RpcError) {
    super(rpc.message);
    this.name = new.target.name;
    this.rpc = rpc;
  }
}
