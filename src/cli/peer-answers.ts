/** What the tools of the mesh answer, as far as commands show it; the rest is passed on. @module */

import * as v from "valibot";
import { readAnswer } from "./read-answer.ts";

/** What a table shows of a peer. */
export interface PeerRow {
  readonly peer: string;
  readonly name?: string | undefined;
  readonly host?: string | undefined;
  readonly isConnected: boolean;
  readonly via?: string | undefined;
  readonly isRelayed?: boolean | undefined;
  readonly rttMs?: number | undefined;
  readonly tools?: number | undefined;
  readonly ageMs: number;
}

/** A page of known peers. */
export interface PeerPage {
  readonly peers: readonly PeerRow[];
  readonly nextCursor?: string | undefined;
}

/** What a search for peers brought. */
export interface Discovery {
  readonly peers: readonly PeerRow[];
  readonly sources: readonly {
    readonly source: string;
    readonly found: number;
    readonly ms: number;
    readonly error?: string | undefined;
  }[];
}

/** What is told of a connection. */
export interface ConnectionRow {
  readonly peer: string;
  readonly name?: string | undefined;
  readonly address: string;
  readonly transport: string;
  readonly isRelayed: boolean;
  readonly rttMs?: number | undefined;
}

const text = v.optional(v.string());
const number = v.optional(v.number());

const PeerSchema: v.GenericSchema<unknown, PeerRow> = v.looseObject({
  peer: v.string(),
  name: text,
  host: text,
  isConnected: v.boolean(),
  via: text,
  isRelayed: v.optional(v.boolean()),
  rttMs: number,
  tools: number,
  ageMs: v.number(),
});

const PageSchema: v.GenericSchema<unknown, PeerPage> = v.looseObject({
  peers: v.array(PeerSchema),
  nextCursor: text,
});

const DiscoverySchema: v.GenericSchema<unknown, Discovery> = v.looseObject({
  peers: v.array(PeerSchema),
  sources: v.array(
    v.looseObject({ source: v.string(), found: v.number(), ms: v.number(), error: text }),
  ),
});

const ConnectionSchema: v.GenericSchema<unknown, ConnectionRow> = v.looseObject({
  peer: v.string(),
  name: text,
  address: v.string(),
  transport: v.string(),
  isRelayed: v.boolean(),
  rttMs: number,
});

/** The answer of `p2p_peer_list`. */
export const readPage = (answer: unknown): PeerPage =>
  readAnswer("p2p_peer_list", PageSchema, answer);

/** The answer of `p2p_peer_discover`. */
export const readDiscovery = (answer: unknown): Discovery =>
  readAnswer("p2p_peer_discover", DiscoverySchema, answer);

/** The answer of `p2p_peer_connect`. */
export const readConnection = (answer: unknown): ConnectionRow =>
  readAnswer("p2p_peer_connect", ConnectionSchema, answer);
