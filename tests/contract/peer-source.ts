/** The suite that every {@link DiscoverySource} passes. @module */

import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { isPeerId } from "../../src/peers/addresses.ts";
import { judgeRecord } from "../../src/peers/peer-record.ts";
import type { DiscoverySource, PeerSighting } from "../../src/peers/source.ts";
import type { SignedRecord } from "../../src/registry/peers.ts";
import type { Cleanup } from "../support/temp-folder.ts";

/** A source that knows two peers, `a` and `b`, and possibly takes a third. */
export interface SourceScene {
  readonly source: DiscoverySource;
  /** The ids of the two. */
  readonly peers: readonly [a: string, b: string];
  /** For sources that publish: the record of the node that asks, and what others see of it. */
  readonly own?: { readonly record: SignedRecord; seenByOthers(): Promise<boolean> };
  /** What `now` is to records. */
  readonly now: number;
  /** Make it impossible to ask the source; missing where nothing can fail. */
  breakDown?(): Promise<void>;
}

const { signal } = new AbortController();

/** Whom a sighting is of. */
export function subjectOf({ peer, record }: PeerSighting): string | undefined {
  return peer ?? (record as SignedRecord | undefined)?.peer;
}

/** Declare the suite for one source. */
export function testPeerSource(name: string, open: (t: Cleanup) => Promise<SourceScene>): void {
  describe(`${name} as a source of peers`, () => {
    it("gives every peer that it knows, with addresses or a sound record", async (t) => {
      const { source, peers, now } = await open(t);

      const found = await source.find({ limit: 10, signal });

      assertEquals(new Set(found.map(subjectOf)), new Set(peers));
      for (const { peer, addresses, record } of found) {
        assert(peer === undefined || isPeerId(peer), peer);
        assert(addresses.length > 0 || record !== undefined);
        if (record !== undefined) assertEquals((await judgeRecord(record, now)).fault, undefined);
        for (const address of addresses) assert(address.startsWith("/"), address);
      }
    });

    it("gives no more than it is asked for", async (t) => {
      const { source } = await open(t);

      assertEquals((await source.find({ limit: 1, signal })).length, 1);
    });

    it("says the same when it is asked again", async (t) => {
      const { source } = await open(t);
      const ask = async (): Promise<unknown> =>
        (await source.find({ limit: 10, signal })).map(subjectOf).sort();

      assertEquals(await ask(), await ask());
    });

    it("tells others of this node, and takes that back", async (t) => {
      const { source, own } = await open(t);
      assertEquals(source.publish !== undefined, own !== undefined);
      if (!own) return;
      await source.publish?.(own.record, signal);
      await source.publish?.(own.record, signal);
      assertEquals(await own.seenByOthers(), true);

      if (!source.withdraw) return;
      await source.withdraw(signal);
      await source.withdraw(signal);
      assertEquals(await own.seenByOthers(), false);
    });

    it("throws where it cannot be asked, instead of knowing nobody", async (t) => {
      const { source, breakDown } = await open(t);
      if (!breakDown) return;
      await breakDown();

      await assertRejects(() => source.find({ limit: 10, signal }));
    });

    it("opens and closes more than once", async (t) => {
      const { source } = await open(t);
      await source.open?.();
      await source.close?.();
      await source.open?.();
      assertEquals((await source.find({ limit: 10, signal })).length >= 0, true);
      await source.close?.();
      await source.close?.();
    });
  });
}
