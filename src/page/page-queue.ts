/** The queues of servers, as a page submits tasks to them and works them. @module */

import type { Clock } from "../concurrency/clock.ts";
import { DeadlineError, InputError, ToolError, UnavailableError } from "../errors.ts";
import { TASKS_EXTENSION } from "../mcp/tasks/names.ts";
import type { Membership } from "../mesh/join.ts";
import { createRemoteSource, type Request } from "../queue/remote-source.ts";
import { localCaller } from "../registry/caller.ts";
import type { Registry } from "../registry/registry.ts";
import type { CallResult } from "../registry/result.ts";
import { PEER_PREFIX } from "../registry/visibility.ts";
import type { ToolCall } from "../router/call.ts";
import type { OwnTools } from "./own-tools.ts";
import { type PausableWorker, startPageWorker } from "./page-worker.ts";
import type { PageQueue, PageQueuePlace, PageTask } from "./queue.ts";
import { submittedTask } from "./submitted-task.ts";

/** What the queues need. */
export interface PageQueueNeeds {
  readonly name: string;
  readonly registry: Pick<Registry, "resolve">;
  readonly member: () => Pick<Membership, "categories" | "pool">;
  readonly own: Pick<OwnTools, "names" | "category">;
  readonly call: (call: ToolCall) => Promise<CallResult>;
  readonly clock: Clock;
  readonly trouble: (what: string, error: unknown) => void;
}

/** The queues of servers, and the workers of them that this page has. */
export interface PageQueues extends PageQueue {
  /** The page may stand still from now on. */
  pause(): void;
  /** It does not, or no more. */
  resume(): void;
  stop(): Promise<void>;
}

const SUBMIT = "p2p_taskqueue_submit";

/** Of a server with queues, every peer may call it. */
const READ = "p2p_taskqueue_get_result";

const QUEUE = "default";

/** No workers yet. */
export function createPageQueue(needs: PageQueueNeeds): PageQueues {
  const workers = new Set<PausableWorker>();
  const stopping = new AbortController();
  let started = 0;
  return {
    async submit(request, { peer: target, queue = QUEUE, signal } = {}) {
      const peer = await peerOf(needs, target, SUBMIT);
      const answer = await callAt(needs, peer, SUBMIT, { ...request, queue }, signal);
      const { taskId } = answer as { readonly taskId: string };
      return follow(needs, { taskId, queue, peer }, stopping.signal);
    },
    task: (taskId, { peer, queue = QUEUE }) =>
      follow(needs, { taskId, queue, peer }, stopping.signal),
    async work(options = {}) {
      const peer = await peerOf(needs, options.peer, READ);
      const { pool } = needs.member();
      started += 1;
      const name = `${needs.name}-${started}`;
      const request: Request = (method, params, signal) =>
        pool.request(peer, method, params, signal ? { signal } : {});
      // So that who may not work is told so, and does not become a worker that never works.
      await createRemoteSource(options.queue ?? QUEUE, request).heartbeat({ worker: name }, []);
      stopping.signal.throwIfAborted();
      const worker: PausableWorker = startPageWorker(
        {
          ...{ peer, request, name, clock: needs.clock, trouble: needs.trouble },
          toolNames: () => needs.own.names,
          call: (call) => needs.call({ ...call, category: needs.own.category }),
          stopped: () => workers.delete(worker),
        },
        options,
      );
      workers.add(worker);
      return worker;
    },
    pause() {
      for (const worker of workers) worker.pause();
    },
    resume() {
      for (const worker of workers) worker.resume();
    },
    async stop() {
      stopping.abort(new DeadlineError("cancelled", "This page leaves the mesh"));
      await Promise.all([...workers].map((worker) => worker.stop()));
    },
  };
}

function follow(
  needs: PageQueueNeeds,
  which: Pick<PageTask, "taskId" | "queue" | "peer">,
  stopping: AbortSignal,
): PageTask {
  const { clock } = needs;
  const { taskId, queue, peer } = which;
  return submittedTask({
    ...{ ...which, clock, stopping },
    ask: (tool, input, signal) => callAt(needs, peer, tool, input, signal),
    large: async () => {
      if (queue !== QUEUE) return undefined;
      const client = { extensions: { [TASKS_EXTENSION]: {} } };
      const task = await needs.member().pool.request(peer, "tasks/get", { taskId }, { client });
      const result = task.result as CallResult | undefined;
      return result && (result.structuredContent ?? { content: result.content });
    },
  });
}

/** The id of the peer that is meant. */
async function peerOf(
  { registry, member }: PageQueueNeeds,
  target: PageQueuePlace["peer"],
  tool: string,
): Promise<string> {
  const { categories } = member();
  if (target !== undefined) {
    const peer = categories.peerOf(await categories.reach(target));
    if (peer !== undefined) return peer;
    throw new UnavailableError("peer_unreachable", `Peer ${target} has just left`);
  }
  try {
    const { tool: found } = await registry.resolve(tool, localCaller);
    if (found.peer !== undefined) return found.peer;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
  throw new UnavailableError(
    "runtime_unavailable",
    `No connected peer lets this page use "${tool}": connect to a server with queues whose mesh.allow has it, or name one as peer`,
    { data: { tool } },
  );
}

async function callAt(
  { call }: PageQueueNeeds,
  peer: string,
  tool: string,
  input: Readonly<Record<string, unknown>>,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const category = `${PEER_PREFIX}${peer}`;
  const result = await call({
    ...{ tool, input, category, caller: localCaller },
    ...(signal && { signal: () => signal }),
  });
  if (result.isError !== true) return result.structuredContent;
  const said = result.content.map(({ text }) => (typeof text === "string" ? text : "")).join("\n");
  throw new ToolError("tool_failed", said, { data: { peer, tool } });
}
