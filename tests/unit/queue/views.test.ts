/** Tasks as tools and people see them. */

import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { NEVER } from "../../../src/queue/task.ts";
import { infoOf } from "../../../src/queue/views.ts";
import { aTask } from "../../support/queue-tasks.ts";

describe("infoOf()", () => {
  it("tells in whose queue a call of a workflow is, and no moment that never comes", () => {
    const { peer, runAt } = infoOf(aTask({ runAt: NEVER, peer: "12D3KooWAttic" }));

    assertEquals([peer, runAt], ["12D3KooWAttic", undefined]);
  });

  it("tells before when a task is not run", () => {
    const { peer, runAt } = infoOf(aTask({ runAt: Date.UTC(2026, 11, 24) }));

    assertEquals([peer, runAt], [undefined, "2026-12-24T00:00:00.000Z"]);
  });
});
