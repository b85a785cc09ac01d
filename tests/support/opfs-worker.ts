/** Runs in a dedicated worker of a page: the suite of queue stores over OPFS, and a store that stays. @module */

import { openOpfsQueueStore } from "../../runtimes/browser/queue/opfs-queue-store.ts";
import { messageOf, reportOf } from "../../src/errors.ts";
import type { QueueStore } from "../../src/queue/queue-store.ts";
import { testQueue } from "../contract/queue.ts";
import { tests } from "./page-test.ts";
import { newTask, openQueue, type TestQueue } from "./queues.ts";

let opened = 0;
testQueue("OPFS", {
  open() {
    opened += 1;
    return openOpfsQueueStore(`suite-${opened}`);
  },
  reopen: () => openOpfsQueueStore(`suite-${opened}`),
});

let store: QueueStore | undefined;
let queue: TestQueue | undefined;

const functions: Readonly<Record<string, (...args: never[]) => unknown>> = {
  names: () => tests.map(({ name }) => name),
  run: (name: string) => tests.find((test) => test.name === name)?.run(),
  open: async (name: string) => {
    store = await openOpfsQueueStore(name);
    queue = await openQueue(store);
    return queue.queue.meta.epoch;
  },
  submit: async (id: string) => (await queue?.queue.submit(newTask({ id })))?.task.state,
  take: async () => (await queue?.take())?.spec.id,
  states: async () =>
    (await queue?.queue.list({ limit: 9 }))?.map(({ spec, state }) => [spec.id, state]),
  facts: () => store?.facts(),
  close: async () => {
    await queue?.queue.close();
    await store?.close();
  },
};

globalThis.addEventListener("message", async ({ data: [id, name, ...args] }: MessageEvent) => {
  try {
    const value = await functions[name]?.(...(args as never[]));
    postMessage([id, { value }]);
  } catch (error) {
    const { stack = messageOf(error) } = error instanceof Error ? error : {};
    postMessage([id, { error: reportOf(error), stack }]);
  }
});
