import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { LeaseBook } from "../../../src/queue/lease-book.ts";
import type { Task, Token } from "../../../src/queue/task.ts";
import { aTask } from "../../support/queue-tasks.ts";

const LEASE_MS = 900;
const first: Token = { epoch: 1, attempt: 1 };
const second: Token = { epoch: 1, attempt: 2 };

const leased = (id: string, token = first, worker = "w"): Task =>
  aTask({ spec: { id }, state: "leased", token, lease: { worker, token, claimedAt: 0 } });

/** A book whose timers a test lets go off, when it likes. */
function bookOf() {
  let now = 0;
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  const expired: string[] = [];
  const book = new LeaseBook({
    clock: {
      monotonic: () => now,
      after: (ms, run) => {
        const timer = { at: now + ms, run };
        timers.add(timer);
        return () => void timers.delete(timer);
      },
    },
    leaseMs: () => LEASE_MS,
    expired: (overdue) => expired.push(...overdue.map(({ id }) => id)),
  });
  /** Time passes in one leap; timers go off after it. */
  const leap = (ms: number): void => {
    now += ms;
    for (const timer of [...timers].filter(({ at }) => at <= now)) {
      timers.delete(timer);
      timer.run();
    }
  };
  return { book, expired, leap, timers };
}

describe("LeaseBook", () => {
  it("tells of a lease that nobody renewed", () => {
    const { book, expired, leap } = bookOf();
    book.follow(leased("a"));
    leap(LEASE_MS - 1);
    assertEquals([expired, book.leftMs("a")], [[], 1]);

    leap(1);

    assertEquals(expired, ["a"]);
  });

  it("gives full time again to what is renewed under its token", () => {
    const { book, expired, leap } = bookOf();
    book.follow(leased("a"));
    book.follow(leased("b"));
    leap(LEASE_MS - 100);
    assertEquals([book.renew("a", first), book.renew("a", second)], [true, false]);

    leap(100);
    assertEquals(expired, ["b"]);
    leap(LEASE_MS - 100);
    assertEquals(expired, ["b", "a"]);
  });

  it("ends a lease with its task, and says how long it was held", () => {
    const { book, expired, leap } = bookOf();
    book.follow(leased("a"));
    leap(200);

    const ended = book.follow(aTask({ spec: { id: "a" }, state: "done" }));

    assertEquals(ended, { worker: "w", heldMs: 200 });
    leap(LEASE_MS);
    assertEquals([expired, book.size], [[], 0]);
  });

  it("takes another token for another lease", () => {
    const { book } = bookOf();
    book.follow(leased("a"));
    book.follow(leased("a", second, "other"));

    assertEquals(book.renew("a", first), false);
    assertEquals(book.of("w"), []);
    assertEquals(book.of("other"), [{ id: "a", token: second }]);
  });

  it("tells again of what was not taken from its worker", () => {
    const { book, expired, leap } = bookOf();
    book.follow(leased("a"));
    leap(LEASE_MS);
    leap(LEASE_MS);

    assertEquals(expired, ["a", "a"]);
  });

  it("blames nobody for the time in which it stood still itself", () => {
    const { book, expired, leap } = bookOf();
    book.follow(leased("a"));
    leap(LEASE_MS * 5);
    assertEquals([expired, book.leftMs("a")], [[], LEASE_MS]);

    leap(LEASE_MS);

    assertEquals(expired, ["a"]);
  });

  it("leaves no timer behind", () => {
    const { book, timers } = bookOf();
    book.follow(leased("a"));
    book.close();
    book.follow(leased("b"));

    assertEquals(timers.size, 0);
  });
});
