/** A page in the mesh, as its program sees it: types only. @module */

import type { PeerConnection } from "../mesh/peer-connection.ts";
import type { Tool } from "../registry/definition.ts";
import type { PeerInfo } from "../registry/peers.ts";
import type { CallResult } from "../registry/result.ts";
import type { PageQueue } from "./queue.ts";

/** How a page calls a tool. */
export interface PageCallOptions {
  /** A peer by its id, name or address; left out, the best one that has the tool. */
  readonly peer?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total?: number, message?: string) => void) | undefined;
}

/** A tool that the page can call. */
export interface PageTool
  extends Pick<Tool, "title" | "description" | "inputSchema" | "outputSchema" | "annotations"> {
  /** Unique in this list. */
  readonly name: string;
  /** Where it runs; missing for the page's own. */
  readonly peer?: string;
}

/** A page in the mesh. */
export interface PageMesh extends AsyncDisposable {
  /** This page's id, e.g. `12D3KooW…`. */
  readonly peer: string;
  readonly name: string;
  /** Where others reach this page: over the relays that gave it a slot. */
  addresses(): readonly string[];
  /** Let peers call a tool; throws where its name is taken. */
  offer(tool: Tool): void;
  /** Take a tool back; false where there is none of that name. */
  withdraw(name: string): boolean;
  /** Call a tool; throws what is no result, such as `unknown_tool` or `peer_unreachable`. */
  call(tool: string, input?: object, options?: PageCallOptions): Promise<CallResult>;
  /** The tools of connected peers, and the page's own. */
  tools(): Promise<readonly PageTool[]>;
  /** Every peer that this page has heard of. */
  peers(): readonly PeerInfo[];
  connections(): readonly PeerConnection[];
  /** Tasks: those that this page submits, and those of others that it works. */
  readonly queue: PageQueue;
  /** Connect to a multiaddr, or to a peer that is known. */
  connect(target: string, options?: { readonly signal?: AbortSignal }): Promise<PeerConnection>;
  /** Call `listener` when peers, tools or addresses may be others; returns the stop function. */
  onChange(listener: () => void): () => void;
  /** Leave the mesh; nothing is left running. */
  stop(): Promise<void>;
}
