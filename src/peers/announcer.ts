/** What this node says of itself, and where it says it. @module */

import type { Clock } from "../concurrency/clock.ts";
import { messageOf } from "../errors.ts";
import type { PeerSource, SignedRecord } from "../registry/peers.ts";
import type { Store } from "../storage/store.ts";
import { DEFAULT_TTL_MS, type RecordContent, type Signer, signRecord } from "./peer-record.ts";
import type { DiscoverySource } from "./source.ts";
import { within } from "./within.ts";

/** Facts that the node's program knows. */
export interface About {
  readonly name: string;
  readonly host: string;
  readonly abilities: readonly string[];
  readonly interfaces: readonly string[];
}

/** What somebody wants the record to say instead. */
export interface AnnounceOptions {
  readonly abilities?: readonly string[] | undefined;
  readonly addresses?: readonly string[] | undefined;
  readonly ttlMs: number;
}

/** Where a record was told. */
export interface Published {
  readonly registry: PeerSource;
  readonly ok: boolean;
  readonly error?: string;
}

/** What announcing needs. */
export interface AnnouncerNeeds {
  readonly signer: Signer;
  readonly about: () => About;
  readonly addresses: () => readonly string[];
  /** Remembers the last sequence, so that a clock that was set back does not silence this node. */
  readonly store: Store;
  readonly clock: Clock;
}

/** This node's own record. */
export interface Announcer {
  readonly record: SignedRecord | undefined;
  /** Sign a new record; what `options` leave out stays as it was asked for before. */
  renew(options?: AnnounceOptions): Promise<SignedRecord>;
  /** Whether the record is half over, or says something else than is true now. */
  isDue(): boolean;
}

/** Time for a registry to take the record. */
const PUBLISH_MS = 10_000;

const SEQUENCE_KEY = "sequence";
const MAX_ADDRESSES = 32;
const MAX_ABILITIES = 64;
const MAX_INTERFACES = 256;

/** An announcer without a record. */
export function createAnnouncer(needs: AnnouncerNeeds): Announcer {
  const { signer, about, addresses, store, clock } = needs;
  let record: SignedRecord | undefined;
  let wanted: AnnounceOptions = { ttlMs: DEFAULT_TTL_MS };
  let signing: Promise<unknown> = Promise.resolve();

  const offered = (): readonly string[] => about().interfaces.slice(0, MAX_INTERFACES);
  const place = (): readonly string[] => (wanted.addresses ?? addresses()).slice(0, MAX_ADDRESSES);
  const sign = async (): Promise<SignedRecord> => {
    const stored = await store.get(SEQUENCE_KEY);
    const last = stored ? Number(new TextDecoder().decode(stored)) : 0;
    const sequence = Math.max(clock.now(), last + 1);
    const { name, host, abilities } = about();
    const content: RecordContent = {
      name: name.slice(0, 128),
      host,
      addresses: place(),
      abilities: (wanted.abilities ?? abilities).slice(0, MAX_ABILITIES),
      interfaces: offered(),
      sequence,
      expiresAt: new Date(clock.now() + wanted.ttlMs).toISOString(),
    };
    await store.write([{ key: SEQUENCE_KEY, value: new TextEncoder().encode(String(sequence)) }]);
    record = await signRecord(content, signer);
    return record;
  };
  return {
    get record() {
      return record;
    },
    renew(options) {
      if (options) wanted = { ...wanted, ...given(options) };
      // One after the other: two records with one sequence would make one of them a replay.
      const next = signing.then(sign, sign);
      signing = next;
      return next;
    },
    isDue() {
      if (!record || record.addresses.join() !== place().join()) return true;
      if (record.interfaces.join() !== offered().join()) return true;
      return Date.parse(record.expiresAt) - clock.now() <= wanted.ttlMs / 2;
    },
  };
}

function given({ abilities, addresses, ttlMs }: AnnounceOptions): AnnounceOptions {
  return { ttlMs, ...(abilities && { abilities }), ...(addresses && { addresses }) };
}

/** Tell registries of a record; each has its own time, and none fails the others. */
export async function publish(
  sources: readonly DiscoverySource[],
  record: SignedRecord,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<readonly Published[]> {
  const published = await Promise.all(
    sources.map(async (source): Promise<Published | undefined> => {
      const { name: registry } = source;
      if (!source.publish) return undefined;
      const what = `The registry "${registry}" did not take the record`;
      try {
        await within({ clock, ms: PUBLISH_MS, signal, what }, async (ours) =>
          source.publish?.(record, ours),
        );
        return { registry, ok: true };
      } catch (error) {
        return { registry, ok: false, error: messageOf(error) };
      }
    }),
  );
  return published.filter((one) => one !== undefined);
}
