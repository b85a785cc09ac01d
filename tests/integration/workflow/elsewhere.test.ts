/** Calls of a workflow in the queues of other owners. */

import { describe, it } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { cancelRun } from "../../../src/workflow/commands.ts";
import { eventually } from "../../support/eventually.ts";
import { createOwnersScene, type Owner } from "../../support/owners-scene.ts";

const tools = {
  double: ({ n }: { n: number }, owner: string) => ({ n: 2 * n, owner }),
  fail: () => {
    throw new Error("no luck");
  },
  undo: ({ n }: { n: number }) => ({ n }),
};

const double = (id: string, at: unknown, n: unknown = 1) => ({
  ...{ id, tool: "double", input: { n }, peer: { at } },
});

const mapOver = (call: object, limits: object = {}) => {
  const node = { tool: "double", input: { n: "$item" }, peer: { at: "$peers" }, ...call };
  const each = { id: "each", map: { over: "$input", ...limits, node } };
  return { name: "fan out", nodes: [each], output: "$each.results" };
};

const statesIn = async ({ queue }: Owner): Promise<readonly string[]> =>
  (await queue.list({ limit: 10 })).map(({ state }) => state);

describe("calls of a workflow for the queues of peers", () => {
  it("are worked there, and what they came to goes on here", async (t) => {
    const { owners } = await createOwnersScene(t, ["home", "attic"], tools);
    const { home, attic } = owners;

    const id = await home.submit({
      name: "there and back",
      nodes: [
        double("there", "attic"),
        { id: "back", tool: "double", input: { n: "$there.result.n" } },
        double("again", "$there.peer", "$back.result.n"),
      ],
      output: "$again.result",
    });

    assertEquals((await home.ended(id)).result, { n: 8, owner: "attic" });
    assertEquals(attic.calls, ['double({"n":1})', 'double({"n":4})']);
    assertEquals(home.calls, ['double({"n":2})']);
  });

  it("go to all peers that are named, so many at a time, each once", async (t) => {
    const { owners } = await createOwnersScene(t, ["home", "attic", "cellar"], tools);
    const { home, attic, cellar } = owners;

    const id = await home.submit(mapOver({}), {
      input: Array.from({ length: 100 }, (_, n) => n),
      peers: ["attic", "cellar"],
    });

    const { result } = await home.ended(id);
    assertEquals(
      (result as readonly { n: number }[]).map(({ n }) => n),
      Array.from({ length: 100 }, (_, n) => 2 * n),
    );
    const made = [...attic.calls, ...cellar.calls];
    assertEquals(made.length, new Set(made).size);
    assertEquals([home.calls.length, made.length], [0, 100]);
    assertEquals([attic.calls.length > 20, cellar.calls.length > 20], [true, true]);
  });

  it("go to each of the peers that are named also where there are few of them", async (t) => {
    const { owners } = await createOwnersScene(t, ["home", "attic", "cellar"], tools);
    const { home, attic, cellar } = owners;

    const id = await home.submit(mapOver({}), { input: [1, 2], peers: ["attic", "cellar"] });

    await home.ended(id);
    assertEquals([attic.calls.length, cellar.calls.length], [1, 1]);
  });

  it("do not wait for long for a peer that is not there", async (t) => {
    const scene = await createOwnersScene(t, ["home", "attic", "cellar"], tools);
    const { home, attic, cellar } = scene.owners;
    const map = mapOver({ peer: { at: ["attic", "cellar"] } });
    scene.cut("attic");

    const id = await home.submit(map, { input: [1, 2] });

    await home.ended(id);
    assertEquals([attic.calls.length, cellar.calls.length], [0, 2]);
  });

  it("are at all peers together no more at a time than maxParallel says", async (t) => {
    const run = { now: 0, most: 0 };
    const slow = async (): Promise<object> => {
      run.now += 1;
      run.most = Math.max(run.most, run.now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      run.now -= 1;
      return {};
    };
    const { owners } = await createOwnersScene(t, ["home", "attic", "cellar"], { double: slow });
    const { home, attic, cellar } = owners;

    const id = await home.submit(mapOver({}, { maxParallel: 3 }), {
      input: Array.from({ length: 30 }, (_, n) => n),
      peers: ["attic", "cellar"],
    });

    assertEquals((await home.ended(id)).state, "done");
    assertEquals(attic.calls.length + cellar.calls.length, 30);
    assertEquals(run.most, 3);
  });

  it("are for this queue where no peer is named in the end", async (t) => {
    const { owners } = await createOwnersScene(t, ["home"], tools);
    const { home } = owners;

    const id = await home.submit({ name: "alone", nodes: [double("one", "$peers")] });

    assertEquals((await home.ended(id)).result, { one: { n: 2, owner: "home" } });
  });

  it("fail with the peer's own error", async (t) => {
    const { owners } = await createOwnersScene(t, ["home", "attic"], tools);

    const id = await owners.home.submit({
      name: "no luck",
      nodes: [{ id: "one", tool: "fail", peer: { at: "attic" } }],
    });

    const { state, error } = await owners.home.ended(id);
    assertEquals(state, "failed");
    assertMatch(error?.message ?? "", /The node one failed: no luck/);
  });

  it("fail where what is named is no peer", async (t) => {
    const { owners } = await createOwnersScene(t, ["home"], tools);

    const id = await owners.home.submit(
      { name: "nowhere", nodes: [double("one", "$input")] },
      { input: 7 },
    );

    const { error } = await owners.home.ended(id);
    assertMatch(
      error?.message ?? "",
      /peer\.at is no peer, and no list of up to 64 of them: it is 7/,
    );
  });

  it("wait for a peer that is away, and go to another where one is named", async (t) => {
    const scene = await createOwnersScene(t, ["home", "attic", "cellar"], tools);
    const { home, cellar } = scene.owners;
    scene.cut("attic");

    const id = await home.submit({
      name: "away",
      nodes: [double("either", ["attic", "cellar"]), double("only", "attic")],
    });
    await eventually("the cellar worked one", () => cellar.calls.length === 1);
    assertEquals((await home.queue.task(`${id}.only`))?.state, "scheduled");
    scene.heal("attic");

    const { result } = await home.ended(id);
    assertEquals(result, {
      either: { n: 2, owner: "cellar" },
      only: { n: 2, owner: "attic" },
    });
  });

  it("are made once although this owner dies between giving them and hearing of them", async (t) => {
    const scene = await createOwnersScene(t, ["home", "attic"], tools);
    const { home, attic } = scene.owners;
    await attic.sleep();

    const id = await home.submit({ name: "crash", nodes: [double("one", "attic")] });
    await eventually("the attic has it", async () => (await statesIn(attic)).length === 1);
    await home.crash();
    attic.wake();

    assertEquals((await home.ended(id)).result, { one: { n: 2, owner: "attic" } });
    assertEquals(attic.calls.length, 1);
  });

  it("are made once although their owner dies before they are worked", async (t) => {
    const scene = await createOwnersScene(t, ["home", "attic"], tools);
    const { home, attic } = scene.owners;
    await attic.sleep();

    const id = await home.submit({ name: "crash", nodes: [double("one", "attic")] });
    await eventually("the attic has it", async () => (await statesIn(attic)).length === 1);
    await attic.crash();
    attic.wake();

    assertEquals((await home.ended(id)).result, { one: { n: 2, owner: "attic" } });
    assertEquals(attic.calls.length, 1);
  });

  it("are withdrawn with the run", async (t) => {
    const scene = await createOwnersScene(t, ["home", "attic"], tools);
    const { home, attic } = scene.owners;
    await attic.sleep();
    const id = await home.submit({ name: "stop", nodes: [double("one", "attic")] });
    await eventually("the attic has it", async () => (await statesIn(attic)).length === 1);

    await home.queue.run((set) => cancelRun(set, id, { reason: "enough", compensates: true }));

    await eventually("the attic heard", async () => (await statesIn(attic))[0] === "cancelled");
    assertEquals((await home.ended(id)).state, "cancelled");
  });

  it("are undone where they were done", async (t) => {
    const { owners } = await createOwnersScene(t, ["home", "attic"], tools);

    const id = await owners.home.submit({
      name: "undo",
      nodes: [
        { ...double("one", "attic"), compensate: { tool: "undo", input: { n: "$one.result.n" } } },
        { id: "two", tool: "fail", after: ["one"] },
      ],
    });

    assertEquals((await owners.home.ended(id)).state, "failed");
    assertEquals(owners.attic.calls, ['double({"n":1})', 'undo({"n":2})']);
  });
});
