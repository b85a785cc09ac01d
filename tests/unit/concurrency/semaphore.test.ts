import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { createSemaphore } from "../../../src/concurrency/semaphore.ts";
import { UnavailableError } from "../../../src/errors.ts";

const never = new AbortController().signal;

describe("createSemaphore()", () => {
  it("gives out its permits and takes them back", () => {
    const semaphore = createSemaphore({ permits: 2, maxWaiting: 0, name: "search" });

    assertEquals([semaphore.tryAcquire(), semaphore.tryAcquire()], [true, true]);
    assertEquals(semaphore.tryAcquire(), false);
    semaphore.release();
    assertEquals(semaphore.inUse, 1);
    assertEquals(semaphore.tryAcquire(), true);
  });

  it("serves those who wait in the order in which they came, and nobody overtakes", async () => {
    const semaphore = createSemaphore({ permits: 1, maxWaiting: 10, name: "search" });
    await semaphore.acquire(never);
    const order: string[] = [];
    const first = semaphore.acquire(never).then(() => order.push("first"));
    const second = semaphore.acquire(never).then(() => order.push("second"));

    semaphore.release();
    assertEquals(semaphore.tryAcquire(), false);
    await first;
    semaphore.release();
    await second;

    assertEquals(order, ["first", "second"]);
    semaphore.release();
    assertEquals(semaphore.inUse, 0);
  });

  it("lets go of who gives up waiting", async () => {
    const semaphore = createSemaphore({ permits: 1, maxWaiting: 1, name: "search" });
    await semaphore.acquire(never);
    const impatient = new AbortController();
    const waiting = semaphore.acquire(impatient.signal);

    impatient.abort(new Error("enough"));
    await assertRejects(() => waiting, Error, "enough");
    const patient = semaphore.acquire(never);
    semaphore.release();

    await patient;
    assertEquals(semaphore.inUse, 1);
  });

  it("gives no permit to who had given up before", async () => {
    const semaphore = createSemaphore({ permits: 1, maxWaiting: 1, name: "search" });
    const gone = AbortSignal.abort(new Error("gone"));

    await assertRejects(() => semaphore.acquire(gone), Error, "gone");

    assertEquals(semaphore.inUse, 0);
  });

  it("refuses when too many wait already", async () => {
    const semaphore = createSemaphore({ permits: 1, maxWaiting: 1, name: "search" });
    await semaphore.acquire(never);
    const waiting = semaphore.acquire(never);

    const error = await assertRejects(() => semaphore.acquire(never), UnavailableError);

    assertEquals(error.code, "queue_full");
    assertEquals(error.message, "search: 1 calls run and 1 wait already; try again later");
    semaphore.release();
    await waiting;
  });
});
