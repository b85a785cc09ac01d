/** Files that somebody changed, and what is said of them. */

import { describe, it } from "node:test";
import { decode } from "@ipld/dag-cbor";
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { CID } from "multiformats/cid";
import { IntegrityError } from "../../../src/errors.ts";
import { verifyProof } from "../../../src/workflow/proof/verify.ts";
import {
  blocksIn,
  eventIn,
  type Fields,
  fileOf,
  forged,
  NOWHERE,
  type OpenCommit,
} from "../../support/proof-files.ts";
import { createProof, faultsOf } from "../../support/proof-scene.ts";

const isOf =
  (type: string, place: string) =>
  ({ type: own, task }: Fields): boolean =>
    own === type && task.endsWith(place);

const firstOf = (commits: readonly OpenCommit[] | undefined): CID =>
  CID.parse(commits?.[0]?.cid ?? "");

describe("a proof that was tampered with", () => {
  it("is found out by any block with another byte", async (t) => {
    const { file } = await createProof(t);
    const { root, blocks } = blocksIn(file);

    for (const [at, { cid, bytes }] of blocks.entries()) {
      const other = bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 1);
      const faults = faultsOf(fileOf(root, blocks.with(at, { cid, bytes: other })));
      const named = faults.filter((fault) => fault.includes(cid.toString()));
      assertMatch(named.join(), /has other bytes than its CID says/);
    }
  });

  it("is found out by any byte of the file", async (t) => {
    const { file } = await createProof(t);

    for (let at = 0; at < file.length; at += 97) {
      const other = file.with(at, (file[at] ?? 0) ^ 0x10);
      try {
        assert(faultsOf(other).length > 0, `byte ${at}`);
      } catch (error) {
        assert(error instanceof IntegrityError, String(error));
      }
    }
    assertThrows(
      () => verifyProof(file.subarray(0, file.length - 3)),
      IntegrityError,
      "no CAR file",
    );
    assertThrows(() => verifyProof(new Uint8Array()), IntegrityError, "no CAR file");
  });

  it("is found out by a header that was taken out", async (t) => {
    const { file } = await createProof(t);
    const { root, blocks } = blocksIn(file);
    const headers = blocks.filter(({ bytes }) => "previous" in (decode<object>(bytes) ?? {}));
    assert(headers.length > 20);

    for (const header of headers) {
      const faults = faultsOf(
        fileOf(
          root,
          blocks.filter((block) => block !== header),
        ),
      );
      assertMatch(faults[0] ?? "", /header.* is not there/);
      assert(faults[0]?.includes(header.cid.toString()), faults.join("\n"));
    }
  });

  it("is found out by a citation of what is in no log", async (t) => {
    const { file } = await createProof(t);

    const faults = faultsOf(
      forged(file, ({ attic }) => {
        const { event } = eventIn(attic, ({ type }) => type === "submitted");
        event.cites = [{ owner: "home", queue: "default", commit: NOWHERE }];
      }),
    );

    assertEquals(faults.length, 1, faults.join("\n"));
    assertMatch(
      faults[0] ?? "",
      /event \d+ of attic\/default \(submitted .*\) cites a commit of home\/default that is not in that log: bafy/,
    );
  });

  it("is found out by a citation of too early a commit, on either side", async (t) => {
    const { file } = await createProof(t);

    const early = faultsOf(
      forged(file, ({ attic, home }) => {
        const { event } = eventIn(
          attic,
          ({ type, idempotencyKey }) =>
            type === "submitted" && String(idempotencyKey).endsWith(".in.b"),
        );
        event.cites = [{ owner: "home", queue: "default", commit: firstOf(home) }];
      }),
    );
    const hasty = faultsOf(
      forged(file, ({ home, cellar }) => {
        const { event } = eventIn(home, isOf("completed", ".end"));
        event.elsewhere = {
          attempts: 1,
          cites: [{ owner: "cellar", queue: "default", commit: firstOf(cellar) }],
        };
      }),
    );

    assertMatch(
      early.join("\n"),
      /^"in\.b" began in attic\/default \(event \d+\) without following from event \d+ of home\/default/,
    );
    assertMatch(
      hasty.join("\n"),
      /^"end" was over in home\/default \(event \d+\) without following from event \d+ of cellar\/default/,
    );
  });

  it("is found out by events in another order", async (t) => {
    const { file } = await createProof(t);
    const swapped = (renumber: boolean) =>
      forged(file, ({ home }) => {
        const { commit, event: end } = eventIn(home, isOf("completed", ".there"));
        const { event: begin } = eventIn([commit], isOf("submitted", ".back"));
        const list = commit.list ?? [];
        const [a, b] = [list.indexOf(end), list.indexOf(begin)];
        [list[a], list[b]] = [begin, end];
        if (renumber) [end.number, begin.number] = [begin.number, end.number];
      });

    assertMatch(
      faultsOf(swapped(false))[0] ?? "",
      /the event \d+ of home\/default stands in the place of event \d+/,
    );
    assertMatch(
      faultsOf(swapped(true)).join("\n"),
      /^"back" began \(event \d+ of home\/default\) before "there" was over \(event \d+\)$/,
    );
  });

  it("is found out by an event, a list or a workflow that is missing, and by what belongs to nothing", async (t) => {
    const { file } = await createProof(t);
    const { root, blocks } = blocksIn(file);
    const [, definition] = blocks;
    const without = (wanted: (value: Record<string, unknown>) => boolean): Uint8Array =>
      fileOf(
        root,
        blocks.filter(({ bytes }) => !wanted(decode(bytes) ?? {})),
      );

    const noEnd = without(
      ({ type, task }) => type === "completed" && String(task).endsWith(".back"),
    );
    assertMatch(faultsOf(noEnd).join("\n"), /"each" began .* although "back" was not over/);
    const noBegin = without(({ kind }) => kind === "workflow");
    assertMatch(faultsOf(noBegin)[0] ?? "", /the log of the run does not have its submission/);
    const noNode = without(({ task, flow }) => String(task).endsWith(".end") && flow !== undefined);
    assertMatch(
      faultsOf(noNode).join("\n"),
      /the beginning of "end" is not there, although the run/,
    );
    const noGraph = fileOf(
      root,
      blocks.filter((block) => block !== definition),
    );
    assertMatch(faultsOf(noGraph)[0] ?? "", /the workflow of .* is not there/);
    const noList = without((value) => Array.isArray(value));
    assertMatch(faultsOf(noList)[0] ?? "", /a block is one that nothing leads to/);
    const stranger = { cid: NOWHERE, bytes: new Uint8Array([0x18, 0x2a]) };
    assertEquals(faultsOf(fileOf(root, [...blocks, stranger])), [
      `a block is one that nothing leads to: ${NOWHERE}`,
    ]);
  });
});
