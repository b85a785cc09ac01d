/** Streams of those who want to do harm, or cannot do better: the node stays up and others are served. @module */

import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { encodeFrames } from "../../src/mesh/framing.ts";
import type { MeshNode } from "../../src/mesh/mesh-node.ts";
import { type MeshApp, openMeshApp } from "../support/mesh-app.ts";
import type { Cleanup } from "../support/mesh-nodes.ts";
import { callMessage, openRawStream, type RawStream, startRawPeer } from "../support/raw-peer.ts";
import { settledHeapBytes } from "../support/settled-heap.ts";

const MIB = 1024 * 1024;

/** Printed, so that a failure can be had again. */
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
console.log(`FUZZ_SEED=${seed}`);
const runs = (numRuns: number): { seed: number; numRuns: number } => ({ seed, numRuns });

interface Scene {
  readonly server: MeshApp;
  readonly attacker: MeshNode;
  /** Another peer, whose calls must be answered whatever the first one does. */
  readonly victim: RawStream;
}

async function sceneOf(t: Cleanup): Promise<Scene> {
  const server = await openMeshApp(t, {
    config: { peerLimits: { requestsPerSecond: 0, bytesPerSecond: 4 * MIB } },
  });
  const victim = await openRawStream(await startRawPeer(t), server.address);
  return { server, attacker: await startRawPeer(t), victim };
}

let next = 0;

async function assertServed({ victim }: Scene): Promise<void> {
  const id = `victim ${next++}`;
  victim.send(callMessage(id, "add", { a: 20, b: 22 }));
  const { result } = await victim.answer(id);
  assertEquals((result as { structuredContent: unknown }).structuredContent, { sum: 42 });
}

/** Send what `attack` sends on a stream of its own, and see that nobody else suffers. */
async function attack(scene: Scene, send: (raw: RawStream) => void | Promise<void>): Promise<void> {
  const raw = await openRawStream(scene.attacker, scene.server.address);
  try {
    await send(raw);
    await assertServed(scene);
  } finally {
    raw.stream.abort(new Error("the attack is over"));
  }
}

const frame = (length: number, body: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(4 + body.length);
  new DataView(bytes.buffer).setUint32(0, length);
  bytes.set(body, 4);
  return bytes;
};

/** Objects that look like messages from afar. */
const message: fc.Arbitrary<unknown> = fc.record(
  {
    jsonrpc: fc.constantFrom("2.0", "1.0", 2, null),
    id: fc.oneof(fc.string(), fc.integer(), fc.double(), fc.constant(null), fc.jsonValue()),
    method: fc.oneof(
      fc.constantFrom("tools/call", "tools/list", "initialize", "server/discover", "ping"),
      fc.constantFrom("notifications/cancelled", "notifications/progress", "subscriptions/listen"),
      fc.constantFrom("__proto__", "constructor", "toString"),
      fc.string(),
    ),
    params: fc.jsonValue({ maxDepth: 4 }),
    result: fc.jsonValue(),
    error: fc.jsonValue(),
    type: fc.constantFrom("request", "response", "event", "notification", "", 5),
    sender: fc.string(),
  },
  { requiredKeys: [] },
);

describe("a hostile stream", () => {
  it("of any bytes harms nobody else", { timeout: 120_000 }, async (t) => {
    const scene = await sceneOf(t);
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 2_000 });
    await fc.assert(
      fc.asyncProperty(bytes, (garbage) => attack(scene, (raw) => raw.sendBytes(garbage))),
      runs(60),
    );
  });

  it("of frames whose lengths lie, or that end too soon, harms nobody else", {
    timeout: 120_000,
  }, async (t) => {
    const scene = await sceneOf(t);
    const lies = fc.tuple(fc.nat(0xffff_ffff), fc.uint8Array({ maxLength: 500 }), fc.boolean());
    await fc.assert(
      fc.asyncProperty(lies, ([length, body, isClosed]) =>
        attack(scene, async (raw) => {
          raw.sendBytes(frame(length, body));
          if (isClosed) await raw.stream.close();
        }),
      ),
      runs(60),
    );
  });

  it("of JSON that is no message, or almost one, harms nobody else", {
    timeout: 120_000,
  }, async (t) => {
    const scene = await sceneOf(t);
    const messages = fc.array(fc.oneof(message, fc.jsonValue()), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(messages, (sent) => attack(scene, (raw) => raw.send(...sent))),
      runs(100),
    );
  });

  it("of arguments of any kind harms nobody else", { timeout: 120_000 }, async (t) => {
    const scene = await sceneOf(t);
    const name = fc.oneof(
      fc.constantFrom("add", "echo", "fail", "dispatch", "__proto__"),
      fc.string(),
    );
    const call = fc.tuple(name, fc.jsonValue({ maxDepth: 5 }));
    await fc.assert(
      fc.asyncProperty(call, ([tool, input]) =>
        attack(scene, async (raw) => {
          raw.send(callMessage("x", tool, input as object));
          await raw.answer("x");
        }),
      ),
      runs(60),
    );
  });

  it("of JSON a hundred thousand levels deep harms nobody else", async (t) => {
    const scene = await sceneOf(t);
    const deep = (open: string, close: string): string =>
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"value":${open.repeat(100_000)}${close.repeat(100_000)}}}}`;
    for (const text of [
      deep("[", "]"),
      deep('{"a":', "}").replace("}}}}", "1}}}}"),
      "[".repeat(200_000),
    ]) {
      await attack(scene, (raw) => raw.sendBytes(encodeFrames([text])));
    }
  });

  it("that sends a byte at a time holds nothing up and keeps no memory", async (t) => {
    const scene = await sceneOf(t);
    await attack(scene, async (raw) => {
      const text = JSON.stringify(callMessage("slow", "add", { a: 1, b: 1 }));
      for (const byte of encodeFrames([text])) raw.stream.send(Uint8Array.of(byte));
      await assertServed(scene);
      assert("result" in (await raw.answer("slow")));
    });
  });

  it("that announces much on many streams and sends little gets no memory for it", async (t) => {
    const scene = await sceneOf(t);
    await assertServed(scene);
    const before = settledHeapBytes();
    const streams: RawStream[] = [];
    for (let at = 0; at < 32; at += 1) {
      const raw = await openRawStream(scene.attacker, scene.server.address);
      raw.sendBytes(frame(16 * MIB, new Uint8Array(1000)));
      streams.push(raw);
    }
    await assertServed(scene);
    assertGrownLess(t, before, 16 * MIB);
    for (const { stream } of streams) stream.abort(new Error("over"));
  });

  it("that floods without reading is held off, and leaves nothing behind", {
    timeout: 120_000,
  }, async (t) => {
    const scene = await sceneOf(t);
    await assertServed(scene);
    const before = settledHeapBytes();
    const value = "x".repeat(50_000);
    for (let round = 0; round < 3; round += 1) {
      const raw = await openRawStream(scene.attacker, scene.server.address);
      raw.stream.pause();
      for (let at = 0; at < 400; at += 1)
        raw.send(callMessage(`${round} ${at}`, "echo", { value }));
      await assertServed(scene);
      raw.stream.abort(new Error("over"));
      await assertServed(scene);
    }
    assertGrownLess(t, before, 48 * MIB);
  });

  it("that asks nothing for a long time and answers what nobody asked is let alone", async (t) => {
    const scene = await sceneOf(t);
    await attack(scene, async (raw) => {
      for (let id = 0; id < 5_000; id += 1) raw.send({ jsonrpc: "2.0", id, result: {} });
      for (let at = 0; at < 50; at += 1) raw.send(callMessage("same", "add", { a: 1, b: 1 }));
      await raw.answer("same");
      assertEquals(raw.received.length, 1);
    });
  });
});

/** Only where the host lets tests collect garbage; the attacker's own memory counts, too. */
function assertGrownLess(
  t: { diagnostic?(message: string): void },
  before: number | undefined,
  bytes: number,
): void {
  const after = settledHeapBytes();
  if (before === undefined || after === undefined) {
    console.warn("skipped: this host gives no collected heap to compare");
    return;
  }
  t.diagnostic?.(`heap ${before} → ${after}`);
  assert(after - before < bytes, `the heap has grown by ${after - before} bytes`);
}
