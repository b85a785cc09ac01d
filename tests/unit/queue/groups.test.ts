import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import {
  admits,
  dueAt,
  emptyGroup,
  isForgettable,
  nextStart,
  started,
  withLimits,
} from "../../../src/queue/groups.ts";
import type { GroupState } from "../../../src/queue/queue-store.ts";

const group = (some: Partial<GroupState> = {}): GroupState => ({ ...emptyGroup("g"), ...some });
const rate = { count: 2, perMs: 1_000 };

describe("withLimits()", () => {
  it("takes the limits that are named, and leaves the others", () => {
    const limited = withLimits(group({ rate }), { groupLimit: 3 });

    assertEquals([limited.limit, limited.rate], [3, rate]);
    assertEquals(withLimits(limited, {}).limit, 3);
  });
});

describe("admits()", () => {
  it("counts those that run and those that may", () => {
    assertEquals(admits(group({ limit: 2, leased: 1 }), 0), true);
    assertEquals(admits(group({ limit: 2, leased: 1, claimable: 1 }), 0), false);
    assertEquals(admits(group({ leased: 1_000 }), 0), true);
  });

  it("lets a burst start at once, and then one after the other", () => {
    let now = 10_000;
    let state = group({ rate });
    const start = (): boolean => {
      if (!admits(state, now)) return false;
      state = started({ ...state, claimable: 1 }, now);
      return true;
    };

    assertEquals([start(), start(), start()], [true, true, false]);
    assertEquals(nextStart(state), now + 500);
    now += 500;
    assertEquals([start(), start()], [true, false]);
    now += 60_000;
    assertEquals([start(), start(), start()], [true, true, false]);
  });

  it("lets one at a time become claimable where starts are counted", () => {
    assertEquals(admits(group({ rate, claimable: 1 }), 10_000), false);
  });
});

describe("dueAt()", () => {
  const held = group({ rate, held: 1, arrival: 5_000 });

  it("is the moment at which time alone lets a held task forward", () => {
    assertEquals(dueAt(held), 4_500);
  });

  it("is none where nothing is held, or something else has to happen first", () => {
    assertEquals(dueAt({ ...held, held: 0 }), undefined);
    assertEquals(dueAt({ ...held, claimable: 1 }), undefined);
    assertEquals(dueAt({ ...held, limit: 1, leased: 1 }), undefined);
    assertEquals(dueAt(group({ held: 1, limit: 1, leased: 1 })), undefined);
  });
});

describe("isForgettable()", () => {
  it("is true of a group without tasks, unless its rate still counts", () => {
    assert(isForgettable(group({ limit: 3, finish: 9 })));
    for (const some of [{ leased: 1 }, { held: 1 }, { claimable: 1 }, { rate, arrival: 1 }]) {
      assertEquals(isForgettable(group(some)), false);
    }
  });
});
