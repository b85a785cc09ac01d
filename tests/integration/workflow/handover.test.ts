/** Runs that several servers have: who coordinates them, and what the others know. */

import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { verifyProof } from "../../../src/workflow/proof/verify.ts";
import { eventually } from "../../support/eventually.ts";
import { createOwnersScene, MINE, type Owner } from "../../support/owners-scene.ts";
import { proofOf } from "../../support/proof-scene.ts";

const NAMES = ["attic", "cellar", "studio"] as const;

const tools = {
  step: ({ n }: { n: number }, owner: string) => ({ n: n + 1, owner }),
  slow: async ({ ms }: { ms: number }, owner: string) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return { owner };
  },
};

const never = new AbortController().signal;

const gated = {
  name: "gated",
  nodes: [
    { id: "first", tool: "step", input: { n: 1 } },
    { id: "gate", wait: { signal: "go" }, after: ["first"] },
    { id: "end", tool: "step", input: { n: "$first.result.n" }, after: ["gate"] },
  ],
  output: { last: "$end.result", said: "$gate.payload" },
};

const stateOf = async ({ workflows }: Owner, id: string) =>
  Object.fromEntries(
    (await workflows.dag(MINE, id)).nodes.map(({ id: node, state }) => [node, state]),
  );

const signal = ({ workflows }: Owner, id: string) =>
  workflows.coordinate(MINE, id, { action: "signal", node: "gate", payload: "now" });

describe("a run that several servers have", () => {
  it("is told by all of them, with the moment that it is of where its coordinator is another", async (t) => {
    const { owners } = await createOwnersScene(t, NAMES, tools);
    const { attic, cellar } = owners;

    const id = await attic.submit(gated, { peers: ["cellar", "studio"] });
    await eventually("the cellar knows that the gate waits", async () => {
      const known = await stateOf(cellar, id).catch(() => undefined);
      return known?.gate === "waiting";
    });

    const own = await attic.workflows.status(MINE, id, 0, never);
    assertEquals(own.asOf, undefined);
    assertEquals(own.coordination, { coordinator: "attic", epoch: 1, members: [...NAMES] });
    const { workflow, nodes } = await cellar.workflows.dag(MINE, id);
    assertMatch(workflow.asOf ?? "", /^20\d\d-/);
    assertEquals(workflow.coordination, own.coordination);
    assertEquals(
      nodes.map(({ state }) => state),
      ["done", "waiting", "pending"],
    );
    assertEquals(await cellar.workflows.coordinatorOf(MINE, id), "attic");
  });

  it("goes on with another coordinator that it is handed over to", async (t) => {
    const { owners } = await createOwnersScene(t, NAMES, tools);
    const { attic, cellar } = owners;
    const id = await attic.submit(gated, { peers: ["cellar", "studio"] });
    await eventually("the gate waits", async () => (await stateOf(attic, id)).gate === "waiting");

    const { coordination } = await attic.workflows.coordinate(MINE, id, {
      ...{ action: "handoff", to: "cellar" },
    });

    assertEquals(coordination, { coordinator: "cellar", epoch: 2, members: [...NAMES] });
    assertEquals(await attic.queue.task(id), undefined);
    assertEquals(await attic.workflows.coordinatorOf(MINE, id), "cellar");
    await signal(cellar, id);
    const { result } = await cellar.ended(id);
    assertEquals(result, { last: { n: 3, owner: "cellar" }, said: "now" });
    assertEquals([attic.calls.length, cellar.calls.length], [1, 1]);
    await eventually("the attic knows its end", async () => {
      const { state } = await attic.workflows.outcome(MINE, id, 0, never);
      return state === "done";
    });
    const { faults, edges } = verifyProof(await proofOf(cellar, id));
    assertEquals([faults, edges.length], [[], 3]);
  });

  it("comes back to the one that handed it over, as its own", async (t) => {
    const { owners } = await createOwnersScene(t, NAMES, tools);
    const { attic, cellar } = owners;
    const id = await attic.submit(gated, { peers: ["cellar", "studio"] });
    await eventually("the gate waits", async () => (await stateOf(attic, id)).gate === "waiting");

    await attic.workflows.coordinate(MINE, id, { action: "handoff", to: "cellar" });
    await cellar.workflows.coordinate(MINE, id, { action: "handoff", to: "attic" });
    await signal(attic, id);

    const run = await attic.ended(id);
    assertEquals(run.result, { last: { n: 3, owner: "attic" }, said: "now" });
    assertEquals(run.spec.caller.id, MINE.caller.id);
  });

  it("takes along what ran when it was handed over, and does not do it twice where it ends in time", async (t) => {
    const { owners } = await createOwnersScene(t, NAMES, tools);
    const { attic, cellar } = owners;
    const nodes = [
      { id: "one", tool: "slow", input: { ms: 300 } },
      { id: "two", tool: "step", input: { n: 1 }, after: ["one"] },
    ];
    const id = await attic.submit({ name: "slow", nodes }, { peers: ["cellar", "studio"] });
    await eventually("it runs", async () => (await stateOf(attic, id)).one === "running");

    await attic.workflows.coordinate(MINE, id, { action: "handoff", to: "cellar" });

    assertEquals((await cellar.ended(id)).result, { two: { n: 2, owner: "cellar" } });
    assertEquals([attic.calls.length, cellar.calls.length], [1, 1]);
  });

  it("is taken over where its coordinator is gone, with everything that anybody was told", async (t) => {
    const scene = await createOwnersScene(t, NAMES, tools);
    const { attic, cellar, studio } = scene.owners;
    const id = await attic.submit(gated, { peers: ["cellar", "studio"] });
    await eventually("the gate waits", async () => (await stateOf(attic, id)).gate === "waiting");
    await signal(attic, id);
    scene.cut("attic");

    const { coordination } = await studio.workflows.coordinate(MINE, id, { action: "takeover" });

    assertEquals(coordination?.coordinator, "studio");
    const { result } = await studio.ended(id);
    assertEquals((result as { said: string }).said, "now");
    await eventually("the cellar knows its end", async () => {
      const { state, asOf } = await cellar.workflows.outcome(MINE, id, 0, never);
      return state === "done" && asOf !== undefined;
    });
  });

  it("is told of when a majority has what is told: its end, and that it had ended before", async (t) => {
    const scene = await createOwnersScene(t, NAMES, tools);
    const { attic } = scene.owners;
    const nodes = [{ id: "gate", wait: { signal: "go" } }];
    const id = await attic.submit({ name: "gate", nodes }, { peers: ["cellar", "studio"] });
    await eventually("the gate waits", async () => (await stateOf(attic, id)).gate === "waiting");
    scene.cut("attic");
    const told: string[] = [];
    const hear = (what: string, answer: Promise<unknown>): Promise<unknown> =>
      answer.catch(() => undefined).then(() => told.push(what));
    const cancelling = { reason: "", compensate: true };

    const heard = [hear("signal", signal(attic, id))];
    await attic.ended(id);
    heard.push(hear("outcome", attic.workflows.outcome(MINE, id, 0, never)));
    heard.push(hear("second signal", signal(attic, id)));
    heard.push(hear("cancel", attic.workflows.cancel(MINE, id, cancelling)));
    await new Promise((resolve) => setTimeout(resolve, 200));
    const toldBefore = [...told];
    scene.heal("attic");
    await Promise.all(heard);

    assertEquals(toldBefore, []);
    assertEquals(told.sort(), ["cancel", "outcome", "second signal", "signal"]);
  });

  it("is nobody's any more who was taken over meanwhile, once that one hears of it", async (t) => {
    const scene = await createOwnersScene(t, NAMES, tools);
    const { attic, cellar } = scene.owners;
    const id = await attic.submit(gated, { peers: ["cellar", "studio"] });
    await eventually("the gate waits", async () => (await stateOf(attic, id)).gate === "waiting");
    scene.cut("attic");
    await cellar.workflows.coordinate(MINE, id, { action: "takeover" });

    // What is said to the one that is cut off is held, as no majority has it.
    const lost = assertRejects(() => signal(attic, id), Error, "is coordinated by another server");
    scene.heal("attic");
    await lost;

    await eventually("the attic let it go", async () => !(await attic.queue.task(id)));
    assertEquals((await stateOf(cellar, id)).gate, "waiting");
    await signal(cellar, id);
    assertEquals((await cellar.ended(id)).state, "done");
    assertEquals(attic.calls.length + cellar.calls.length, 2);
  });

  it("is not taken over from a coordinator that answers, nor by a minority", async (t) => {
    const scene = await createOwnersScene(t, NAMES, tools);
    const { attic, cellar } = scene.owners;
    const id = await attic.submit(gated, { peers: ["cellar", "studio"] });
    await eventually("the cellar knows of it", async () => {
      const known = await stateOf(cellar, id).catch(() => undefined);
      return known?.gate === "waiting";
    });
    const take = () => cellar.workflows.coordinate(MINE, id, { action: "takeover" });

    await assertRejects(take, Error, "is coordinated by attic, which answers");
    scene.cut("attic");
    scene.cut("studio");
    await assertRejects(take, Error, "can be taken over when 2 of its 3 members agree");

    scene.heal("attic");
    scene.heal("studio");
    // A promise that nobody made use of costs its coordinator another epoch, and not the run.
    await signal(attic, id);
    assertEquals((await attic.ended(id)).state, "done");
    const { coordination } = await attic.workflows.status(MINE, id, 0, never);
    assertEquals([coordination?.coordinator, coordination?.epoch], ["attic", 3]);
  });

  it("of two servers can be handed over, and not be taken over", async (t) => {
    const scene = await createOwnersScene(t, ["attic", "cellar"], tools);
    const { attic, cellar } = scene.owners;
    const id = await attic.submit(gated, { peers: ["cellar"] });
    await eventually(
      "the cellar knows of it",
      async () => (await cellar.workflows.coordinatorOf(MINE, id)) === "attic",
    );
    scene.cut("attic");

    await assertRejects(
      () => cellar.workflows.coordinate(MINE, id, { action: "takeover" }),
      Error,
      "it takes a majority of three or more",
    );
    scene.heal("attic");
    await attic.workflows.coordinate(MINE, id, { action: "handoff", to: "cellar" });

    assertEquals((await cellar.workflows.status(MINE, id, 0, never)).coordination?.epoch, 2);
  });

  it("begins nothing while no majority has it, and goes on when one does", async (t) => {
    const scene = await createOwnersScene(t, NAMES, tools);
    const { attic } = scene.owners;
    scene.cut("attic");

    const submitted = attic.submit(gated, { peers: ["cellar", "studio"] });
    await new Promise((resolve) => setTimeout(resolve, 200));
    assertEquals(attic.calls, []);
    scene.heal("attic");

    const id = await submitted;
    await eventually("it began", async () => (await stateOf(attic, id)).first === "done");
  });

  it("survives the crash of every server in turn", async (t) => {
    const scene = await createOwnersScene(t, NAMES, tools);
    const { attic, cellar, studio } = scene.owners;
    const id = await attic.submit(gated, { peers: ["cellar", "studio"] });
    await eventually("the gate waits", async () => (await stateOf(attic, id)).gate === "waiting");

    await attic.crash();
    await cellar.crash();
    await attic.workflows.coordinate(MINE, id, { action: "handoff", to: "studio" });
    await studio.crash();
    await signal(studio, id);

    assertEquals((await studio.ended(id)).state, "done");
    await attic.crash();
    assertEquals(await attic.workflows.coordinatorOf(MINE, id), "studio");
  });
});
