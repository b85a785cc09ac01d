import { describe, it } from "node:test";
import { decode, encode } from "@ipld/dag-cbor";
import { assertEquals, assertExists } from "@std/assert";
import { CID } from "multiformats/cid";
import { sha256 } from "multiformats/hashes/sha2";
import { LogDraft, type LoggedEvent, type LogHeader } from "../../../src/queue/log-draft.ts";
import { newTask } from "../../support/queues.ts";

/** The address of a block, by nothing but the libraries. */
async function addressOf(bytes: Uint8Array): Promise<string> {
  return CID.createV1(0x71, await sha256.digest(bytes)).toString();
}

const token = { epoch: 1, attempt: 1 };
const about = { queue: "default", epoch: 1 };

describe("LogDraft", () => {
  it("binds each event to the header, and the header to the one before", async () => {
    const { spec } = newTask({ id: "a", input: { n: 1 } });
    const first = new LogDraft(1, 1_000);
    first.add(spec, { type: "submitted" });
    const before = first.seal(about);
    assertExists(before);
    const draft = new LogDraft(2, 2_000);
    const numbers = [
      draft.add(spec, { type: "claimed", worker: "w1", token }),
      draft.add(spec, { type: "completed", token, resultCid: "c", result: { large: true } }),
    ];

    const entry = draft.seal({ ...about, head: before.cid });

    assertExists(entry);
    assertEquals([numbers, entry.first, entry.last], [[2, 3], 2, 3]);
    assertEquals(entry.cid, await addressOf(entry.header));
    const header = decode<LogHeader>(entry.header);
    const addresses = await Promise.all(entry.events.map(addressOf));
    const list = encode(addresses.map((address) => CID.parse(address)));
    assertEquals(String(header.events), await addressOf(list));
    assertEquals(String(header.previous), before.cid);
    assertEquals([header.first, header.last, header.at], [2, 3, 2_000]);
  });

  it("tells what was asked for, and large things by their address", async () => {
    const { spec } = newTask({ id: "a", input: { n: 1 }, groupKey: "g" });
    const draft = new LogDraft(1, 1_000);
    draft.add(spec, { type: "submitted" });
    draft.add(spec, { type: "completed", token, resultCid: "c", result: { large: true } });

    const [asked, done] = (draft.seal(about)?.events ?? []).map((bytes) =>
      decode<LoggedEvent>(bytes),
    );

    assertEquals([asked?.number, asked?.task, asked?.groupKey], [1, "a", "g"]);
    assertEquals(asked?.caller, "local");
    assertEquals(String(asked?.input), await addressOf(encode({ n: 1 })));
    assertEquals(done, {
      number: 2,
      task: "a",
      at: 1_000,
      type: "completed",
      token,
      resultCid: "c",
    });
  });

  it("has nothing to seal where nothing happened", () => {
    assertEquals(new LogDraft(1, 0).seal(about), undefined);
  });
});
