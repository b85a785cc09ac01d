/** What happened when in a run over several owners, proven by a file. */

import { describe, it } from "node:test";
import { decode } from "@ipld/dag-cbor";
import { assertEquals, assertRejects } from "@std/assert";
import { InputError } from "../../../src/errors.ts";
import { givenKey } from "../../../src/queue/peer-queue.ts";
import { cancelRun } from "../../../src/workflow/commands.ts";
import { verifyProof } from "../../../src/workflow/proof/verify.ts";
import { eventually } from "../../support/eventually.ts";
import { createOwnersScene } from "../../support/owners-scene.ts";
import { blocksIn } from "../../support/proof-files.ts";
import {
  createProof,
  double,
  faultsOf,
  here,
  ownerTools,
  proofOf,
  scope,
} from "../../support/proof-scene.ts";

describe("the proof of a run over three owners", () => {
  it("proves the order of all its nodes, wherever they were worked", async (t) => {
    const { id, file } = await createProof(t);

    const { workflowId, faults, missing, logs, edges, nodes } = verifyProof(file);

    assertEquals([workflowId, faults, missing], [id, [], []]);
    assertEquals(
      logs.map(({ owner }) => owner),
      ["home", "attic", "cellar"],
    );
    assertEquals(edges, [
      { from: "there", to: "back" },
      { from: "back", to: "each" },
      { from: "each", to: "in" },
      { from: "in", to: "end" },
      { from: "in.a", to: "in.b" },
    ]);
    assertEquals(nodes, ["there", "back", "each", "in", "in.a", "in.b", "end"]);
  });

  it("is what the events of the run cite", async (t) => {
    const { owners, id, file } = await createProof(t);

    const { events, older } = await owners.home.workflows.events(scope, id);

    const commits = new Set(blocksIn(file).blocks.map(({ cid }) => cid.toString()));
    const cited = events.flatMap(({ cites = [] }) => cites);
    assertEquals([cited.length, older], [8, 0]);
    assertEquals([...new Set(cited.map(({ owner }) => owner))].sort(), ["attic", "cellar"]);
    assertEquals(
      [...events, ...cited].filter(({ commit }) => !commits.has(commit)),
      [],
    );
    const ends = events.filter(({ type, node }) => type === "completed" && node === "each.2");
    assertEquals(ends[0]?.facts.attempts, 1);
  });

  it("holds nothing of other tasks but their addresses", async (t) => {
    const { owners } = await createOwnersScene(t, ["home", "attic"], ownerTools);
    const { home, attic } = owners;
    const ours = [double("one", "attic"), { ...double("two", "attic"), after: ["one"] }];
    const secret = [here("hidden"), double("alien", "attic")];
    const [id, other] = await Promise.all([
      home.submit({ name: "ours", nodes: ours }),
      home.submit({ name: "secret", nodes: secret }),
      attic.submit({ name: "own", nodes: [here("private")] }),
    ]);
    await Promise.all([home.ended(id), home.ended(other)]);

    const file = await proofOf(home, id);

    assertEquals(faultsOf(file), []);
    const told = blocksIn(file).blocks.map(({ bytes }) => JSON.stringify(decode(bytes)));
    assertEquals(
      told.filter((text) => /hidden|alien|private|secret/.test(text)),
      [],
    );
  });

  it("is that of the whole for a run within", async (t) => {
    const { owners, id } = await createProof(t);

    const inner = proofOf(owners.home, `${id}.in`);

    await assertRejects(() => inner, InputError, "is proven with it: ask for that one");
  });

  it("names a peer that does not know the calls any more", async (t) => {
    const { owners, id } = await createProof(t);
    const { attic } = owners;
    await attic.queue.run((set) => {
      const task = set.byKey(givenKey("home", "default", `${id}.there`));
      if (task) set.remove(task);
    });

    const { faults, missing, edges } = verifyProof(await proofOf(owners.home, id));

    assertEquals(faults, []);
    assertEquals(missing, [
      { owner: "attic", queue: "default", why: "it knows 1 of the calls no longer" },
    ]);
    assertEquals(edges[0]?.unproven, "what attic did is not there");
  });

  it("is of tasks that the asker gave, and says nothing to others", async (t) => {
    const { owners, id } = await createProof(t);
    const keys = [givenKey("home", "default", `${id}.there`), givenKey("home", "default", "none")];
    const ask = (from: string) =>
      owners.attic.answer(from, "queue/log", { queue: "default", keys, from: 0 });

    const [own, other] = [await ask("home"), await ask("cellar")];

    assertEquals([own.unknown, (own.blocks as readonly string[]).length > 3], [[keys[1]], true]);
    assertEquals(other, { blocks: [], unknown: keys });
  });

  it("names a peer that is away, and what is not proven without it", async (t) => {
    const scene = await createProof(t);
    scene.cut("cellar");

    const { faults, missing, edges } = verifyProof(await proofOf(scene.owners.home, scene.id));

    assertEquals(faults, []);
    assertEquals(missing, [
      { owner: "cellar", queue: "default", why: "it does not answer: peer_unreachable" },
    ]);
    const unproven = edges.filter((edge) => edge.unproven !== undefined);
    assertEquals(
      unproven.map(({ from, to }) => `${from} → ${to}`),
      ["back → each", "each → in", "in → end", "in.a → in.b"],
    );
    assertEquals(unproven[0]?.unproven, "what cellar did is not there");
  });

  it("follows a run that goes on as far as it has come", async (t) => {
    const { owners } = await createOwnersScene(t, ["home", "attic"], ownerTools);
    const { home, attic } = owners;
    await attic.sleep();
    const id = await home.submit({
      name: "open",
      nodes: [here("one"), { ...double("two", "attic"), after: ["one"] }],
    });
    await eventually(
      "the attic has it",
      async () => (await attic.queue.list({ limit: 9 })).length > 0,
    );
    await home.ended(await home.submit({ name: "other", nodes: [here("a")] }));

    const { faults, edges, logs } = verifyProof(await proofOf(home, id));

    assertEquals([faults, edges], [[], [{ from: "one", to: "two" }]]);
    assertEquals(
      logs.map(({ events }) => events > 0),
      [true, true],
    );
    attic.wake();
    await home.ended(id);
  });

  it("holds for runs that fail, are undone, do not wait for all, or survive a crash", async (t) => {
    const { owners } = await createOwnersScene(t, ["home", "attic", "cellar"], ownerTools);
    const { home, attic, cellar } = owners;
    const undone = await home.submit({
      name: "undone",
      nodes: [
        { ...double("one", "attic"), compensate: { tool: "undo", input: { n: "$one.result.n" } } },
        { id: "two", tool: "fail", peer: { at: "cellar" }, after: ["one"] },
        { ...double("never", "attic"), after: ["two"] },
      ],
    });
    await home.ended(undone);
    await cellar.sleep();
    const first = await home.submit({
      name: "first",
      nodes: [
        double("quick", "attic"),
        double("slow", "cellar"),
        { ...double("next", "attic"), after: ["quick", "slow"], join: "one_success" },
      ],
    });
    await eventually(
      "next is over",
      async () => (await home.queue.task(`${first}.next`))?.state === "done",
    );
    await Promise.all([home.crash(), attic.crash()]);
    cellar.wake();
    await home.ended(first);

    const [a, b] = [
      verifyProof(await proofOf(home, undone)),
      verifyProof(await proofOf(home, first)),
    ];

    assertEquals([a.faults, a.edges], [[], [{ from: "one", to: "two" }]]);
    assertEquals([b.faults, b.edges], [[], [{ from: "quick", to: "next" }]]);
  });

  it("holds for a run that was cancelled while a peer had its calls", async (t) => {
    const { owners } = await createOwnersScene(t, ["home", "attic"], ownerTools);
    const { home, attic } = owners;
    await attic.sleep();
    const id = await home.submit({
      name: "stop",
      nodes: [
        here("one"),
        {
          id: "all",
          map: { over: [1, 2], node: { tool: "double", input: { n: 1 }, peer: { at: "attic" } } },
          after: ["one"],
        },
      ],
    });
    await eventually(
      "the attic has them",
      async () => (await attic.queue.list({ limit: 9 })).length === 2,
    );
    await home.queue.run((set) => cancelRun(set, id, { reason: "enough", compensates: true }));
    await home.ended(id);

    assertEquals(faultsOf(await proofOf(home, id)), []);
    attic.wake();
  });
});
