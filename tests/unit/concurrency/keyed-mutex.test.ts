/** Work that is about the same thing is not done at once. */

import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { KeyedMutex } from "../../../src/concurrency/keyed-mutex.ts";

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

describe("KeyedMutex", () => {
  it("does what is about one thing in the order of asking, and other things meanwhile", async () => {
    const mutex = new KeyedMutex();
    const done: string[] = [];
    const work = (what: string) => async () => {
      done.push(`${what} begins`);
      await pause();
      done.push(`${what} ends`);
    };

    await Promise.all([
      mutex.run("a", work("first")),
      mutex.run("a", work("second")),
      mutex.run("b", work("other")),
    ]);

    assertEquals(done.indexOf("second begins") > done.indexOf("first ends"), true);
    assertEquals(done.indexOf("other begins") < done.indexOf("first ends"), true);
  });

  it("goes on after work that failed, and tells its asker", async () => {
    const mutex = new KeyedMutex();

    const failed = mutex.run("a", () => Promise.reject(new Error("no luck")));
    const next = mutex.run("a", async () => "done");

    await assertRejects(() => failed, Error, "no luck");
    assertEquals(await next, "done");
  });
});
