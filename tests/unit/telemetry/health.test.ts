import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { createHealth } from "../../../src/telemetry/health.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

describe("createHealth()", () => {
  it("is healthy when every check is", async () => {
    const health = createHealth(createFakeClock());
    health.add("store", () => "12 keys");
    health.add("disk", async () => "4 GB free");

    assertEquals(await health.report(), {
      healthy: true,
      checks: [
        { name: "store", healthy: true, detail: "12 keys" },
        { name: "disk", healthy: true, detail: "4 GB free" },
      ],
    });
  });

  it("names what failed, whether it threw or rejected, and hides secrets", async () => {
    const health = createHealth(createFakeClock());
    health.add("a", () => {
      throw new Error("postgres://u:pw@db refused");
    });
    health.add("b", () => Promise.reject(new Error("no")));
    health.add("c", () => "fine");

    const { healthy, checks } = await health.report();

    assertEquals(healthy, false);
    assertEquals(
      checks.map((check) => check.healthy),
      [false, false, true],
    );
    assertEquals(checks[0]?.detail, "postgres://[redacted]@db refused");
  });

  it("gives up a check that does not answer, and aborts it", async () => {
    const clock = createFakeClock();
    const health = createHealth(clock, 500);
    let aborted = false;
    health.add("slow", (signal) => {
      signal.addEventListener("abort", () => {
        aborted = true;
      });
      return new Promise(() => {});
    });

    const report = health.report();
    await clock.advance(500);

    assertEquals((await report).checks, [
      { name: "slow", healthy: false, detail: "No answer within 500 ms" },
    ]);
    assert(aborted);
    assertEquals(clock.pending, 0);
  });

  it("runs a check once for all who ask meanwhile, and again for those who ask later", async () => {
    const health = createHealth(createFakeClock());
    let runs = 0;
    health.add("count", async () => String(++runs));

    await Promise.all([health.report(), health.report()]);
    assertEquals(runs, 1);
    await health.report();
    assertEquals(runs, 2);
  });

  it("forgets a removed check, but not the one that replaced it", async () => {
    const health = createHealth(createFakeClock());
    const remove = health.add("a", () => "old");
    health.add("a", () => "new");

    remove();

    assertEquals((await health.report()).checks[0]?.detail, "new");
  });
});
