/** What was opened is closed. @module */

import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { closeAll } from "../../../src/cli/closing.ts";
import { DeadlineError } from "../../../src/errors.ts";

describe("closeAll()", () => {
  it("closes in reverse order, one after another", async () => {
    const order: string[] = [];
    const open = (name: string) => ({
      name,
      async close() {
        order.push(`${name} closes`);
        await Promise.resolve();
        order.push(`${name} closed`);
      },
    });

    await closeAll([open("app"), open("listener")]);

    assertEquals(order, ["listener closes", "listener closed", "app closes", "app closed"]);
  });

  it("names what hangs when the time is over", async () => {
    const hanging = { name: "listener", close: () => new Promise<void>(() => {}) };
    const { message } = await assertRejects(() => closeAll([hanging], 5), DeadlineError);
    assertEquals(message.startsWith("The listener did not close within 5 ms"), true, message);
  });

  it("passes on why something could not be closed", async () => {
    const broken = { name: "app", close: () => Promise.reject(new Error("disk is gone")) };
    await assertRejects(() => closeAll([broken]), Error, "disk is gone");
  });
});
