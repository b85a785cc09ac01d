/** What a tab of the tests can do: `inTab` of `browser.ts` calls these functions. @module */

import * as v from "valibot";
import { openIndexedDbStore } from "../../runtimes/browser/indexeddb-store.ts";
import {
  createMesh,
  defineTool,
  type MeshOptions,
  type PageMesh,
  reportOf,
  type Tool,
} from "../../runtimes/browser.ts";
import type { Entry, ScanOptions, Store } from "../../src/storage/store.ts";
import { hold, taskFunctions } from "./tab-tasks.ts";

let mesh: PageMesh | undefined;
const troubles: string[] = [];

function joined(): PageMesh {
  if (!mesh) throw new Error("This tab has not joined");
  return mesh;
}

const greet: Tool = defineTool({
  name: "greet",
  description: "Say hello from a page",
  input: v.object({ name: v.pipe(v.string(), v.minLength(1)) }),
  output: v.object({ greeting: v.string() }),
  annotations: { readOnlyHint: true },
  run: ({ name }) => ({ greeting: `Hello ${name}, from ${document.title}` }),
});

const paint: Tool = defineTool({
  name: "paint",
  description: "Change the page",
  input: v.object({ title: v.string() }),
  run({ title }) {
    document.title = title;
    return { title };
  },
});

const pageBig: Tool = defineTool({
  name: "page_big",
  description: "A text of this length",
  input: v.object({ length: v.number() }),
  annotations: { readOnlyHint: true },
  run: ({ length }) => ({ text: "y".repeat(length) }),
});

let cancelled = 0;

const pageWait: Tool = defineTool({
  name: "page_wait",
  description: "Wait until the call is cancelled",
  input: v.object({}),
  annotations: { readOnlyHint: true },
  run: (_, { signal, progress }) =>
    new Promise((_resolve, reject) => {
      progress(1, 2, "waiting");
      signal.addEventListener("abort", () => {
        cancelled += 1;
        reject(signal.reason);
      });
    }),
});

const tools: ReadonlyMap<string, Tool> = new Map(
  [greet, paint, pageBig, pageWait, hold].map((tool) => [tool.name, tool]),
);

/** Open stores and scans, by the numbers that the test has for them. */
const stores: Store[] = [];
const scans: AsyncIterator<Entry>[] = [];

function storeOf(id: number): Store {
  const store = stores[id];
  if (!store) throw new Error(`There is no store ${id}`);
  return store;
}

/** A value, or the report of an error: classes do not cross into the test. */
async function told<T>(work: () => T | Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error: reportOf(error) };
  }
}

const functions = {
  join: (options: MeshOptions) =>
    told(async () => {
      mesh = await createMesh({
        onTrouble: (what, error) => troubles.push(`${what}: ${String(error)}`),
        ...options,
      });
      return mesh.peer;
    }),
  /** Join under a signal, which fires at once or after the joining. */
  joinUntil: (when: "joining" | "joined", options: MeshOptions) =>
    told(async () => {
      const controller = new AbortController();
      const joining = createMesh({ ...options, signal: controller.signal });
      if (when === "joined") mesh = await joining;
      controller.abort(new Error("enough"));
      return (await joining).peer;
    }),
  offer: (name: string) => told(() => joined().offer(tools.get(name) as Tool)),
  withdraw: (name: string) => told(() => joined().withdraw(name)),
  call: (tool: string, input?: object, peer?: string) =>
    told(() => joined().call(tool, input, { peer })),
  /** Call, and take it back at the first sign of life. */
  cancel: (tool: string, peer?: string) =>
    told(() => {
      const controller = new AbortController();
      const { signal } = controller;
      const onProgress = (): void => controller.abort(new Error("enough"));
      return joined().call(tool, {}, { peer, signal, onProgress });
    }),
  progress: async (tool: string, input: object) => {
    const seen: unknown[] = [];
    const onProgress = (...progress: unknown[]): void => void seen.push(progress);
    const result = await joined().call(tool, input, { onProgress });
    return { seen, result };
  },
  tools: async () => (await joined().tools()).map(({ name, peer }) => ({ name, peer })),
  peers: () => joined().peers(),
  connections: () => joined().connections(),
  addresses: () => joined().addresses(),
  connect: (target: string) => told(() => joined().connect(target)),
  stop: () => told(() => joined().stop()),
  cancelled: () => cancelled,
  openStore: (name: string) => told(async () => stores.push(await openIndexedDbStore(name)) - 1),
  storeGet: (id: number, key: string) =>
    told(async () => {
      const value = await storeOf(id).get(key);
      return value ? [...value] : null;
    }),
  storeScan: (id: number, options: ScanOptions) =>
    told(() => scans.push(storeOf(id).scan(options)[Symbol.asyncIterator]()) - 1),
  storeNext: (id: number) =>
    told(async () => {
      const next = await scans[id]?.next();
      return next?.done === false ? { key: next.value.key, value: [...next.value.value] } : null;
    }),
  storeWrite: (id: number, writes: readonly { key: string; value?: readonly number[] }[]) =>
    told(() =>
      storeOf(id).write(
        writes.map(({ key, value }) => ({ key, ...(value && { value: Uint8Array.from(value) }) })),
      ),
    ),
  storeClose: (id: number) => told(() => storeOf(id).close()),
  troubles: () => troubles,
  ...taskFunctions(joined, told),
};

Object.assign(globalThis, { tab: functions });
