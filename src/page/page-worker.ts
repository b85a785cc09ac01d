/**
 * A page as a worker of a server's queue.
 *
 * A page that is left gives its tasks back before it stands still, so that nobody waits for their
 * leases to run out; one that comes back works again. What a page in Chromium sends as it is closed
 * does not always arrive on a busy machine: the leases of those tasks run out.
 *
 * @module
 */

import type { Clock } from "../concurrency/clock.ts";
import { hurry } from "../concurrency/turn.ts";
import { InputError, MeshError, ToolError } from "../errors.ts";
import { createRemoteSource, type Request } from "../queue/remote-source.ts";
import type { LeasedTask } from "../queue/task-source.ts";
import { Worker } from "../queue/worker.ts";
import type { Drained, Handler, HandlerContext } from "../queue/worker-types.ts";
import { type Caller, localCaller } from "../registry/caller.ts";
import { type CallResult, failureText } from "../registry/result.ts";
import type { ToolCall } from "../router/call.ts";
import { VERSION } from "../version.ts";
import type { PageWorker, PageWorkOptions } from "./queue.ts";

/** What a page works with. */
export interface PageWorkerNeeds {
  readonly name: string;
  /** The server whose queue it is. */
  readonly peer: string;
  readonly request: Request;
  /** Tools that the page offers now. */
  readonly toolNames: () => readonly string[];
  /** Calls one of them. */
  readonly call: (call: ToolCall) => Promise<CallResult>;
  readonly clock: Clock;
  readonly trouble: (what: string, error: unknown) => void;
  /** Called when it is to stop for good. */
  readonly stopped: () => void;
}

/** A worker that may stand still. */
export interface PausableWorker extends PageWorker {
  /** Give back what runs, now or never. */
  pause(): void;
  resume(): void;
}

/** How long tasks may take when their worker is to stop. */
const GRACE_MS = 2_000;

/** Start to work. */
export function startPageWorker(needs: PageWorkerNeeds, options: PageWorkOptions): PausableWorker {
  const { peer, request, clock } = needs;
  const { queue = "default", slots = 1, abilities = [] } = options;
  const source = createRemoteSource(queue, request);
  const held = new Set<LeasedTask>();
  const handle = handlerOf(needs, options);
  const run: Handler = async (task, context) => {
    held.add(task);
    return Promise.try(handle, task, context).finally(() => held.delete(task));
  };
  const trouble = (what: string, error: unknown): void => {
    if (!(error instanceof MeshError && error.code === "cancelled")) needs.trouble(what, error);
  };
  const start = (): Worker =>
    new Worker({
      facts: { worker: needs.name, slots, host: "web", version: VERSION },
      skills: () => ({ kinds: kindsOf(options), tools: toolsOf(needs, options), abilities }),
      ...{ source, run, clock, trouble },
    });
  let worker: Worker | undefined = start();
  let isStopped = false;
  const drain = async (graceMs: number): Promise<Drained> => {
    const last = worker;
    worker = undefined;
    return (await last?.drain(graceMs)) ?? { finished: 0, released: 0 };
  };
  return {
    ...{ peer, queue },
    get size() {
      return worker?.size ?? 0;
    },
    pause() {
      if (!worker) return;
      for (const { id, token } of held) source.giveBack({ id, token }).catch(() => undefined);
      hurry();
      void drain(0);
    },
    resume() {
      if (!isStopped) worker ??= start();
    },
    stop(graceMs = GRACE_MS) {
      isStopped = true;
      needs.stopped();
      return drain(graceMs);
    },
  };
}

const kindsOf = ({ kinds = {} }: PageWorkOptions): readonly string[] => [
  "tool",
  ...Object.keys(kinds),
];

/** Those that are asked for, as far as the page offers them. */
function toolsOf({ toolNames }: PageWorkerNeeds, { tools }: PageWorkOptions): readonly string[] {
  return tools ? toolNames().filter((name) => tools.includes(name)) : toolNames();
}

function handlerOf(needs: PageWorkerNeeds, options: PageWorkOptions): Handler {
  const own = new Map(Object.entries(options.kinds ?? {}));
  return async (task, context) => {
    const handler = own.get(task.kind);
    if (handler) {
      const { idempotencyKey } = task;
      const { signal, progress, log } = context;
      return handler(task.input, { signal, progress, log, idempotencyKey });
    }
    return callTool(needs, task, context, toolsOf(needs, options));
  };
}

/** What the queue's owner asks for runs as if the page had called it, and is the page's own. */
async function callTool(
  { peer, call }: PageWorkerNeeds,
  { tool = "", input, caller: submitter }: LeasedTask,
  { signal, progress }: HandlerContext,
  tools: readonly string[],
): Promise<CallResult> {
  if (!tools.includes(tool)) {
    throw new InputError("unknown_tool", `This page does not work the tool "${tool}"`);
  }
  const caller: Caller = { id: `peer:${peer}/${submitter.id}`, grant: localCaller.grant };
  const result = await call({ tool, input, caller, signal: () => signal, events: { progress } });
  if (result.isError !== true) return result;
  throw new ToolError("tool_failed", failureText(tool, result));
}
