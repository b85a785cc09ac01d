/**
 * `/peers`: the server as a meeting point. GET gives the signed records that it knows, its own
 * first; POST takes one. Everybody may, because a record proves itself.
 *
 * @module
 */

import type { Clock } from "../concurrency/clock.ts";
import { InputError, UnavailableError } from "../errors.ts";
import type { SignedRecord } from "../registry/peers.ts";
import { checkJsonType, parseJson, readBody } from "./body.ts";

/** The records of a mesh that runs. */
export interface PeerRecords {
  records(limit: number): readonly SignedRecord[];
  /** Judge a record and keep it; `fault` is why it was dropped. */
  accept(
    record: unknown,
  ): Promise<{ readonly fault?: string | undefined; readonly isNew?: boolean | undefined }>;
}

/** What the routes need. */
export interface PeerRecordsNeeds {
  /** Nothing while there is no mesh. */
  readonly peers: () => PeerRecords | undefined;
  readonly clock: Clock;
}

/** Records in one answer. */
const MAX_RECORDS = 256;
const DEFAULT_RECORDS = 100;

/** A record has at most 24 KiB of its own. */
const MAX_BODY_BYTES: number = 64 * 1024;

/** Records that strangers may bring in a minute, all together: each costs a verification. */
const PER_MINUTE = 600;

const HEADERS = {
  // Long enough to spare a server that many ask, short beside the life of a record.
  "cache-control": "public, max-age=5",
  "x-content-type-options": "nosniff",
} as const;

/** Answers GET and POST. */
export interface PeerRecordRoutes {
  list(request: Request): Response;
  take(request: Request): Promise<Response>;
}

/** The routes over these records. */
export function createPeerRecordRoutes({ peers, clock }: PeerRecordsNeeds): PeerRecordRoutes {
  let minute = 0;
  let taken = 0;
  const present = (): PeerRecords => {
    const found = peers();
    if (found) return found;
    throw new UnavailableError(
      "runtime_unavailable",
      "This server is no part of a mesh: it needs features.mesh, and mcpp doctor says what else",
    );
  };
  return {
    list(request) {
      const { searchParams } = new URL(request.url);
      const records = present().records(limitOf(searchParams.get("limit")));
      return Response.json({ records }, { headers: HEADERS });
    },
    async take(request) {
      const known = present();
      countOne();
      checkJsonType(request.headers.get("content-type"));
      const record = parseJson(await readBody(request, MAX_BODY_BYTES));
      const { fault, isNew = false } = await known.accept(record);
      if (fault === undefined)
        return Response.json({ isNew }, { headers: { "cache-control": "no-store" } });
      throw new InputError("invalid_input", `The record was not believed: ${fault}`, {
        data: { path: "", fault },
      });
    },
  };

  function countOne(): void {
    const now = Math.floor(clock.now() / 60_000);
    if (now !== minute) taken = 0;
    minute = now;
    taken += 1;
    if (taken <= PER_MINUTE) return;
    const retryAfterMs = 60_000 - (clock.now() % 60_000);
    throw new UnavailableError(
      "rate_limited",
      `More than ${PER_MINUTE} records came within a minute; try again later`,
      { data: { retryAfterMs } },
    );
  }
}

function limitOf(text: string | null): number {
  if (text === null) return DEFAULT_RECORDS;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1) return Math.min(limit, MAX_RECORDS);
  throw new InputError(
    "invalid_input",
    `limit must be 1 to ${MAX_RECORDS}, not "${text.slice(0, 40)}"`,
    {
      data: { path: "/limit" },
    },
  );
}
