/** The checker of histories, held to histories that cannot be. @module */

import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { isLinearizable, type Operation } from "./linearizable.ts";

type Parts = Partial<Omit<Operation, "kind">>;

/** An operation from one moment to another; without the second, it was never answered. */
const op = (kind: Operation["kind"], from: number, to: number | undefined, parts: Parts = {}) => ({
  ...{ kind, token: 1, invokedAt: from },
  ...(to !== undefined && { answeredAt: to }),
  ...parts,
});
const claim = (from: number, to: number, token = 1): Operation =>
  op("claim", from, to, { token, said: "leased" });
const done = (from: number, to: number | undefined, token = 1, cid = "r"): Operation =>
  op("complete", from, to, { token, cid, ...(to !== undefined && { said: "done" }) });
const stale = (from: number, to: number, token = 1): Operation =>
  op("complete", from, to, { token, cid: "r", said: "stale" });
const read = (said: string, parts: Parts = {}): Operation =>
  op("read", 900, 901, { said, ...parts });

describe("isLinearizable()", () => {
  it("accepts a life as it should be", () => {
    assertEquals(isLinearizable([claim(1, 2), done(3, 4), read("done", { cid: "r" })]), true);
  });

  it("accepts a completion that was told twice, and refuses two different ones", () => {
    assertEquals(isLinearizable([claim(1, 2), done(3, 4), done(5, 6)]), true);
    assertEquals(isLinearizable([claim(1, 2), done(3, 4), done(5, 6, 1, "other")]), false);
    assertEquals(
      isLinearizable([claim(1, 2), claim(3, 4, 2), done(5, 8, 1), done(6, 7, 2)]),
      false,
    );
  });

  it("refuses a completion under a token that was outranked", () => {
    assertEquals(isLinearizable([claim(1, 2), claim(3, 4, 2), done(5, 6, 1)]), false);
    assertEquals(isLinearizable([claim(1, 2), claim(3, 4, 2), stale(5, 6, 1)]), true);
  });

  it("accepts what may have overlapped, and refuses what cannot have", () => {
    const late = claim(5, 6, 2);
    assertEquals(isLinearizable([claim(1, 2), done(3, 7), late]), false);
    assertEquals(isLinearizable([claim(1, 2), stale(3, 7), late, done(8, 9, 2)]), true);
    assertEquals(isLinearizable([claim(3, 4, 1), claim(1, 2, 2)]), false);
  });

  it("refuses a claim of what is over", () => {
    assertEquals(isLinearizable([claim(1, 2), done(3, 4), claim(5, 6, 2)]), false);
  });

  it("refuses to forget: done, and later something else", () => {
    assertEquals(isLinearizable([claim(1, 2), done(3, 4), read("ready")]), false);
    const cancelled = op("cancel", 5, 6, { said: "cancelled" });
    assertEquals(isLinearizable([claim(1, 2), done(3, 4), cancelled]), false);
    assertEquals(isLinearizable([claim(1, 2), done(3, 4), stale(5, 6)]), false);
  });

  it("lets what was never answered have happened, or not", () => {
    const lost = done(3, undefined);
    assertEquals(isLinearizable([claim(1, 2), lost, read("done", { cid: "r" })]), true);
    assertEquals(isLinearizable([claim(1, 2), lost, claim(4, 5, 2)]), true);
    const result = { token: 1, cid: "r" };
    assertEquals(isLinearizable([claim(1, 2), lost, claim(4, 5, 2), read("done", result)]), false);
    assertEquals(isLinearizable([read("done", { cid: "r" })]), false);
  });

  it("lets the first of a result and a cancellation win", () => {
    const cancel = (said: string): Operation => op("cancel", 3, 9, { said });
    assertEquals(isLinearizable([claim(1, 2), done(4, 5), cancel("done")]), true);
    assertEquals(isLinearizable([claim(1, 2), stale(4, 5), cancel("cancelled")]), true);
    assertEquals(isLinearizable([claim(1, 2), done(4, 5), cancel("cancelled")]), false);
  });

  it("accepts every history of a register that was really used, however answers were delayed", () => {
    const step: fc.Arbitrary<Step> = fc.record({
      kind: fc.constantFrom<Step["kind"][]>("claim", "complete", "fail", "give-back", "cancel"),
      worker: fc.nat(2),
      early: fc.nat(3),
      late: fc.option(fc.nat(3), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 14 }), (steps) => {
        assertEquals(isLinearizable(played(steps)), true);
      }),
      { numRuns: 200 },
    );
  });
});

interface Step {
  readonly kind: "claim" | "complete" | "fail" | "give-back" | "cancel";
  readonly worker: number;
  readonly early: number;
  readonly late: number | undefined;
}

/** A register of one task: what it answers is right by definition. */
class Register {
  #held = 0;
  #top = 0;
  #over = "";
  readonly #tokens = new Map<number, number>();

  /** What it answers; nothing, where there is nothing to be asked. */
  ask({ kind, worker }: Step): Pick<Operation, "token" | "said" | "cid"> | undefined {
    if (kind === "claim") return this.#claim(worker);
    if (kind === "cancel") {
      if (this.#held === 0 && this.#over === "") this.#over = "cancelled";
      return { token: 0, said: this.#over || "leased" };
    }
    const token = this.#tokens.get(worker);
    if (token === undefined) return undefined;
    const cid = `by ${token}`;
    return { token, said: this.#settle(kind, token), ...(kind === "complete" && { cid }) };
  }

  #claim(worker: number): ReturnType<Register["ask"]> {
    if (this.#held !== 0 || this.#over !== "") return undefined;
    this.#top += 1;
    this.#held = this.#top;
    this.#tokens.set(worker, this.#top);
    return { token: this.#top, said: "leased" };
  }

  #settle(kind: Step["kind"], token: number): string {
    const isHeld = this.#held === token;
    if (isHeld) this.#held = 0;
    if (isHeld && kind === "complete") this.#over = "done";
    if (isHeld) return this.#over || "ready";
    const isRepeated = kind === "fail" ? this.#over !== "" : this.#over === "done";
    return isRepeated && kind !== "give-back" && token === this.#top ? this.#over : "stale";
  }
}

/** What a register answers to steps in their order; each may have begun earlier, and end later. */
function played(steps: readonly Step[]): readonly Operation[] {
  const register = new Register();
  return steps.flatMap((step, at) => {
    const { kind, early, late } = step;
    // A claim of which nobody hears concerns nobody.
    if (kind === "claim" && late === undefined) return [];
    const answer = register.ask(step);
    if (!answer) return [];
    const { said, ...known } = answer;
    const invokedAt = at * 10 - early * 7;
    if (late === undefined) return [{ kind, ...known, invokedAt }];
    return [{ kind, ...answer, invokedAt, answeredAt: at * 10 + late * 7 + 1 }];
  });
}
