import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { InputError } from "../../../src/errors.ts";
import { checkCron, nextTick, occurrenceId } from "../../../src/queue/recurrence.ts";

const series = "s";
const at = (iso: string): number => Date.parse(iso);

describe("nextTick()", () => {
  it("is the next moment, and never this one", () => {
    const tick = nextTick({ cron: "0 7 * * *", series }, at("2026-01-01T07:00:00Z"));

    assertEquals(tick, at("2026-01-02T07:00:00Z"));
  });

  it("knows seconds, and time zones with their summer", () => {
    assertEquals(nextTick({ cron: "*/10 * * * * *", series }, 1), 10_000);
    const berlin = { cron: "0 7 * * *", timezone: "Europe/Berlin", series };
    assertEquals(nextTick(berlin, at("2026-01-10T00:00:00Z")), at("2026-01-10T06:00:00Z"));
    assertEquals(nextTick(berlin, at("2026-07-10T00:00:00Z")), at("2026-07-10T05:00:00Z"));
  });

  it("is none where the series has ended", () => {
    const once = { cron: "2026-01-01T00:00:00Z", series };

    assertEquals(nextTick(once, at("2026-01-02T00:00:00Z")), undefined);
  });
});

describe("checkCron()", () => {
  it("says what is wrong with an expression or a time zone", () => {
    checkCron("0 7 * * 1-5", undefined);
    checkCron("0 7 * * 1-5", "Asia/Tokyo");
    assertThrows(() => checkCron("every day", undefined), InputError, '"every day"');
    assertThrows(() => checkCron("0 7 * * *", "Mars/Olympus"), InputError, "Mars/Olympus");
  });
});

describe("occurrenceId()", () => {
  it("is the same everywhere for the same moment of a series, and a UUID", () => {
    const id = occurrenceId("s", 1_000);

    assertEquals(id, occurrenceId("s", 1_000));
    assert(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/.test(id), id);
    const others = [id, occurrenceId("s", 2_000), occurrenceId("t", 1_000)];
    assertEquals(new Set(others).size, 3);
  });
});
