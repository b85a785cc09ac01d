/** Work that is about the same thing is not done at once. */

import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { Turns } from "../../../src/concurrency/in-turn.ts";

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

describe("Turns", () => {
  it("does what is about one thing in the order of asking, and other things meanwhile", async () => {
    const turns = new Turns();
    const done: string[] = [];
    const work = (what: string) => async () => {
      done.push(`${what} begins`);
      await pause();
      done.push(`${what} ends`);
    };

    await Promise.all([
      turns.in("a", work("first")),
      turns.in("a", work("second")),
      turns.in("b", work("other")),
    ]);

    assertEquals(done.indexOf("second begins") > done.indexOf("first ends"), true);
    assertEquals(done.indexOf("other begins") < done.indexOf("first ends"), true);
  });

  it("goes on after work that failed, and tells its asker", async () => {
    const turns = new Turns();

    const failed = turns.in("a", () => Promise.reject(new Error("no luck")));
    const next = turns.in("a", async () => "done");

    await assertRejects(() => failed, Error, "no luck");
    assertEquals(await next, "done");
  });
});
