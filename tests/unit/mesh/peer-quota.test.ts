import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { createPeerQuota, type PeerQuota } from "../../../src/mesh/peer-quota.ts";
import { defaultPeerLimits, type PeerLimits } from "../../../src/registry/peer-limits.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";

interface Scene {
  readonly quota: PeerQuota;
  readonly clock: FakeClock;
  limits: PeerLimits;
}

function sceneOf(): Scene {
  const clock = createFakeClock();
  const scene: Scene = {
    clock,
    limits: defaultPeerLimits,
    quota: createPeerQuota("12D3KooWA", () => scene.limits, clock),
  };
  return scene;
}

/** Admit and answer so many requests; how many were admitted. */
function pass({ quota }: Scene, count: number): number {
  let admitted = 0;
  for (let at = 0; at < count; at += 1) {
    if (quota.admit()) continue;
    admitted += 1;
    quota.done();
  }
  return admitted;
}

describe("a PeerQuota", () => {
  it("admits 100 requests at once, then 50 a second, and says when the next may come", async () => {
    const scene = sceneOf();
    assertEquals(pass(scene, 150), 100);
    const refusal = scene.quota.admit();
    assertEquals(refusal?.code, "rate_limited");
    assertEquals(refusal?.data, { peer: "12D3KooWA", retryAfterMs: 20 });

    await scene.clock.advance(19);
    assert(scene.quota.admit());
    await scene.clock.advance(1);
    assertEquals(pass(scene, 2), 1);
    await scene.clock.advance(1000);
    assertEquals(pass(scene, 150), 50);
    await scene.clock.advance(60_000);
    assertEquals(pass(scene, 150), 100);
  });

  it("admits 64 requests that run at once, and the next when one of them has ended", () => {
    const { quota } = sceneOf();
    for (let at = 0; at < 64; at += 1) assertEquals(quota.admit(), undefined);
    const refusal = quota.admit();
    assertEquals([refusal?.code, quota.inFlight], ["queue_full", 64]);
    assert(Number(refusal?.data.retryAfterMs) > 0);

    quota.done();
    assertEquals(quota.admit(), undefined);
  });

  it("takes nothing from the rate for a request that found no room", async () => {
    const scene = sceneOf();
    for (let at = 0; at < 64; at += 1) scene.quota.admit();
    for (let at = 0; at < 1000; at += 1) scene.quota.admit();
    for (let at = 0; at < 64; at += 1) scene.quota.done();
    assertEquals(pass(scene, 100), 36);
  });

  it("lets a second's worth of bytes come at once, then asks for rest until the debt is paid", async () => {
    const { quota, clock, limits } = sceneOf();
    assertEquals(quota.received(limits.bytesPerSecond), 0);
    assertEquals(quota.received(limits.bytesPerSecond / 4), 250);
    await clock.advance(100);
    assertEquals(quota.received(0), 150);
    await clock.advance(150);
    assertEquals(quota.received(0), 0);
    assert(quota.received(1024) > 0);
  });

  it("sets no limit where the rate is 0, and reads its limits anew at each request", () => {
    const scene = sceneOf();
    scene.limits = { ...defaultPeerLimits, requestsPerSecond: 0, bytesPerSecond: 0 };
    assertEquals(pass(scene, 10_000), 10_000);
    assertEquals(scene.quota.received(1e9), 0);

    scene.limits = { ...defaultPeerLimits, requestsPerPeer: 1 };
    assertEquals(scene.quota.admit(), undefined);
    assertEquals(scene.quota.admit()?.code, "queue_full");
  });

  it("has rested when nothing runs and both buckets are full again", async () => {
    const { quota, clock } = sceneOf();
    assert(quota.isRested);
    quota.admit();
    await clock.advance(60_000);
    assert(!quota.isRested);
    quota.done();
    assert(quota.isRested);
    quota.received(1024);
    assert(!quota.isRested);
    await clock.advance(1);
    assert(quota.isRested);
  });
});
