/** What is asked about a run of several servers waits for a majority, and not for ever. */

import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { UnavailableError } from "../../../src/errors.ts";
import { confirmedInTime } from "../../../src/workflow/replicas/confirmation.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

describe("an answer about a run of several servers", () => {
  it("is given when a majority has it", async () => {
    const clock = createFakeClock();

    const answer = confirmedInTime(clock, "The outcome", Promise.resolve(7));

    assertEquals(await answer, 7);
    assertEquals(clock.pending, 0);
  });

  it("is an error when nobody took it within 20 s, which says that this server has it", async () => {
    const clock = createFakeClock();
    const answer = confirmedInTime(clock, "The outcome", new Promise(() => undefined));
    const refused = assertRejects(
      () => answer,
      UnavailableError,
      "The outcome: this server has it",
    );

    await clock.advance(20_000);

    await refused;
  });
});
