import { describe, it } from "node:test";
import { decode } from "@ipld/dag-cbor";
import { assertEquals } from "@std/assert";
import { cidOf } from "../../../src/ipld/block.ts";
import { givenMethods } from "../../../src/queue/given-methods.ts";
import { LogDraft } from "../../../src/queue/log-draft.ts";
import { commitsOf, logPage, spanOf } from "../../../src/queue/log-page.ts";
import { GIVEN_METHODS } from "../../../src/queue/queue-extension.ts";
import type { LogEntry } from "../../../src/queue/queue-store.ts";
import { newTask } from "../../support/queues.ts";

/** A log of commits with so many events each. */
function logOf(sizes: readonly number[]): readonly LogEntry[] {
  const entries: LogEntry[] = [];
  for (const size of sizes) {
    const last = entries.at(-1);
    const draft = new LogDraft((last?.last ?? 0) + 1, 0);
    for (let at = 0; at < size; at += 1)
      draft.add(newTask({ id: `t${at}` }).spec, { type: "released" });
    const entry = draft.seal({ queue: "q", epoch: 1, ...(last && { head: last.cid }) });
    if (entry) entries.push(entry);
  }
  return entries;
}

const storeOf = (entries: readonly LogEntry[], asked: string[] = []) => ({
  log: async (_: string, { from, to }: { readonly from: number; readonly to: number }) => {
    asked.push(`${from}-${to}`);
    return entries.filter(({ first, last }) => last >= from && first <= to);
  },
});

const typeOf = (bytes: Uint8Array): string => {
  const value = decode<object>(bytes);
  return Array.isArray(value)
    ? `list of ${value.length}`
    : "previous" in value
      ? "header"
      : "event";
};

describe("logPage()", () => {
  const entries = logOf([2, 3, 1, 2]);

  it("has every header between the first and the last event, and the events that are wanted", async () => {
    const wanted = new Set([2, 7]);

    const page = await logPage(storeOf(entries), { queue: "q", ...spanOf(wanted) }, wanted, 1e6);

    const one = ["header", "list of 2", "event"];
    assertEquals(page.blocks.map(typeOf), [...one, "header", "header", ...one]);
    assertEquals([page.tail, page.head, page.next], [entries[0]?.cid, entries[3]?.cid, undefined]);
    const [, list = new Uint8Array()] = page.blocks;
    assertEquals(
      cidOf(list).toString(),
      String(decode<{ events: unknown }>(entries[0]?.header ?? list).events),
    );
  });

  it("ends with the commit that makes it too large, and goes on there", async () => {
    const wanted = new Set([1, 4, 8]);
    const pages = [];
    let from = 1;
    for (;;) {
      const range = { queue: "q", from, to: 8 };
      const page = await logPage(storeOf(entries), range, wanted, 1);
      pages.push(page);
      if (page.next === undefined) break;
      from = page.next;
    }

    assertEquals(
      pages.map(({ next }) => next),
      [3, 6, 7, undefined],
    );
    const whole = await logPage(storeOf(entries), { queue: "q", from: 1, to: 8 }, wanted, 1e6);
    assertEquals(
      pages.flatMap(({ blocks }) => blocks),
      whole.blocks,
    );
  });

  it("is empty where nothing is wanted", async () => {
    const none = new Set<number>();

    assertEquals(await logPage(storeOf(entries), { queue: "q", ...spanOf(none) }, none, 1), {
      blocks: [],
    });
  });
});

describe("commitsOf()", () => {
  it("reads a long log in parts", async () => {
    const entries = logOf(Array.from({ length: 30 }, () => 100));
    const asked: string[] = [];
    const firsts: number[] = [];

    const range = { queue: "q", from: 150, to: 9_000 };
    for await (const { first } of commitsOf(storeOf(entries, asked), range)) firsts.push(first);

    assertEquals([firsts.length, new Set(firsts).size, firsts[0]], [29, 29, 101]);
    assertEquals(asked, ["150-1149", "1201-2200", "2201-3200", "3001-4000"]);
  });
});

describe("givenMethods()", () => {
  it("answers every method of the extension for those who give tasks", () => {
    const methods = givenMethods(() => Promise.reject(new Error("nobody asks")));

    assertEquals([...methods.keys()], [...GIVEN_METHODS]);
  });
});
