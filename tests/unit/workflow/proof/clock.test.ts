import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { cidOf } from "../../../../src/ipld/block.ts";
import { HashClock } from "../../../../src/workflow/proof/clock.ts";
import type { LoggedHere, OwnerLog } from "../../../../src/workflow/proof/logs.ts";

const events = cidOf(new Uint8Array());

/** A log whose commits have two events each, of which some cite `owner:commit`. */
function logOf(owner: string, cites: Readonly<Record<number, readonly string[]>>): OwnerLog {
  const commits = [1, 2, 3].map((number) => {
    const [first, last] = [number * 2 - 1, number * 2];
    const header = { queue: "q", epoch: 1, first, last, at: 0, events, previous: null };
    return { cid: `${owner}:${number}`, header };
  });
  return {
    ...{ name: `${owner}/q`, owner, queue: "q", head: `${owner}:3` },
    commits: new Map(commits.map((commit) => [commit.cid, commit])),
    events: [1, 2, 3, 4, 5, 6].map((number) => ({
      ...{ number, task: "t", type: "claimed" },
      cites: (cites[number] ?? []).map((commit) => ({
        ...{ owner: commit.split(":")[0] ?? "", queue: "q", commit },
      })),
    })),
  };
}

function at(log: OwnerLog, number: number): LoggedHere {
  const event = log.events[number - 1];
  if (!event) throw new Error(`there is no event ${number}`);
  return { log, event };
}

describe("HashClock", () => {
  // a1 a2 | a3 a4 | a5 a6      b3 follows from a's second commit, c2 from b's second, a6 from c's first.
  const a = logOf("a", { 6: ["c:1"] });
  const b = logOf("b", { 3: ["a:2"] });
  const c = logOf("c", { 2: ["b:2"] });
  const clock = new HashClock([c, b, a]);
  const isBefore = (one: LoggedHere, other: LoggedHere) => clock.isBefore(one, other);

  it("orders a log by its numbers", () => {
    assertEquals([isBefore(at(a, 1), at(a, 2)), isBefore(at(a, 2), at(a, 1))], [true, false]);
    assertEquals(isBefore(at(a, 2), at(a, 2)), false);
  });

  it("takes a citation for all that its commit reaches, and for what comes after the event that cites", () => {
    assertEquals([isBefore(at(a, 4), at(b, 3)), isBefore(at(a, 1), at(b, 6))], [true, true]);
    assertEquals([isBefore(at(a, 5), at(b, 6)), isBefore(at(a, 1), at(b, 2))], [false, false]);
    assertEquals(isBefore(at(b, 3), at(a, 5)), false);
  });

  it("goes on over other logs", () => {
    assertEquals([isBefore(at(a, 4), at(c, 2)), isBefore(at(a, 4), at(c, 1))], [true, false]);
    assertEquals([isBefore(at(b, 4), at(a, 6)), isBefore(at(b, 5), at(a, 6))], [true, false]);
    assertEquals(isBefore(at(c, 2), at(a, 6)), true);
  });

  it("takes what cites nothing that is there for nothing", () => {
    const lone = logOf("d", { 1: ["a:9", "e:1"] });

    assertEquals(new HashClock([a, lone]).isBefore(at(a, 1), at(lone, 6)), false);
  });
});
