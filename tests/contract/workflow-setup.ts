/** What the suites of workflows have in common. @module */

import { afterEach } from "node:test";
import type { QueueStore } from "../../src/queue/queue-store.ts";
import type { Cleanup } from "../support/temp-folder.ts";
import {
  createWorkflowScene,
  type TestTool,
  type WorkflowScene,
} from "../support/workflow-scene.ts";

/** Tools that workflows of tests call. */
export const tools: Readonly<Record<string, TestTool>> = {
  add: ({ a, b }: { a: number; b: number }) => ({ sum: a + b }),
  list: ({ count }: { count: number }) => ({ items: Array.from({ length: count }, (_, at) => at) }),
  double: ({ n }: { n: number }) => ({ n: 2 * n }),
  fail: ({ why = "no luck" }: { why?: string }) => {
    throw new Error(why);
  },
  undo: () => ({}),
};

/** Opens scenes over new stores; each ends after its test. */
export type OpenScene = (own: typeof tools) => Promise<WorkflowScene>;

/** Within a suite: scenes over stores that `open` gives. */
export function scenesOver(open: () => Promise<QueueStore>): OpenScene {
  // Deno 2.9 runs what a nested test registers when the outermost one ends: connections add up.
  const ends: (() => Promise<void>)[] = [];
  const cleanup: Cleanup = { after: (end) => void ends.unshift(end) };
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });
  return (own) => createWorkflowScene(cleanup, own, open);
}
