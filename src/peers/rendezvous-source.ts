/** Asks a fellow server over HTTP whom it knows (`GET /peers`), and tells it of this node (`POST /peers`). @module */

import { IntegrityError, UnavailableError } from "../errors.ts";
import type { SignedRecord } from "../registry/peers.ts";
import { readText } from "./read-text.ts";
import type { DiscoverySource, PeerSighting } from "./source.ts";

/** The shape of the host's `fetch`. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** Bytes of an answer: 256 records of usual size. */
const MAX_BYTES: number = 1024 * 1024;

/** A server at `base`, e.g. `https://tools.example`. */
export function createRendezvousSource(base: string, fetch: Fetch): DiscoverySource {
  const url = `${base.replace(/\/+$/, "")}/peers`;
  const ask = async (address: string, init: RequestInit): Promise<string> => {
    const response = await fetch(address, init);
    const text = await readText(response, MAX_BYTES, url);
    if (response.ok) return text;
    throw new UnavailableError(
      "peer_unreachable",
      `${url} answered ${response.status} ${text.slice(0, 200)}`.trim(),
      { data: { url, status: response.status } },
    );
  };
  return {
    name: "rendezvous",
    async find({ limit, signal }) {
      const headers = { accept: "application/json" };
      return sightingsOf(
        await ask(`${url}?limit=${Math.min(limit, 256)}`, { headers, signal }),
        url,
      );
    },
    async publish(record: SignedRecord, signal) {
      const headers = { "content-type": "application/json" };
      await ask(url, { method: "POST", headers, body: JSON.stringify(record), signal });
    },
  };
}

function sightingsOf(text: string, url: string): readonly PeerSighting[] {
  let body: { readonly records?: unknown };
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new IntegrityError("schema_mismatch", `${url} did not answer with JSON`, {
      cause,
      data: { url },
    });
  }
  if (!Array.isArray(body?.records)) {
    throw new IntegrityError("schema_mismatch", `${url} gave no list of records`, {
      data: { url },
    });
  }
  return body.records.map((record: unknown) => ({ addresses: [], record }));
}
