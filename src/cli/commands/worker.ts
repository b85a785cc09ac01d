/**
 * `mcpp worker`: works the tasks of other servers' queues.
 *
 * Tools run in a process of their own, which this one starts: a tool that keeps its process busy, or
 * brings it down, keeps nobody from telling the owner that the worker is there.
 *
 * @module
 */

import type { AppWorker } from "../../app-queues.ts";
import type { App } from "../../app-types.ts";
import { InputError } from "../../errors.ts";
import type { CliContext } from "../context.ts";
import { peersOf } from "../mesh-access.ts";
import { appOf, type ReadConfig, readConfig, settleUpstreams, withoutLog } from "../open-app.ts";
import { stopRequested, unlessStopped } from "../stop-requested.ts";
import type { WorkerFlags } from "../worker-route.ts";

/** `mcpp worker`. */
export async function worker(this: CliContext, flags: WorkerFlags): Promise<void> {
  const { host, output } = this;
  const slots = wholeOf("--slots", flags.slots, 1);
  const graceMs = wholeOf("--grace", flags.grace, 0) * 1000;
  // Takes Ctrl-C over before anything is open.
  await unlessStopped(host, Promise.resolve());
  const read = keeperOf(await readConfig(this, flags), this, flags);
  await using app = await appOf(this, read, { meshRole: "client", isBare: true });
  await unlessStopped(host, app.mesh.settled());
  const { peer } = peersOf(app).self();
  await output.talk(`worker ${peer}`);
  await settleUpstreams(this, app);
  const running = await unlessStopped(host, start(app, flags, { slots, name: flags.name ?? peer }));
  const told = { event: "working", worker: peer, queue: flags.queue, peers: flags.connect, slots };
  if (flags.json) await output.json(told);
  else await output.result(`working the queue "${flags.queue}" of ${flags.connect.join(", ")}`);
  await stopRequested(host);
  const draining = running.drain(graceMs);
  if (flags.json) await output.json({ event: "stopping" });
  const ended = { event: "drained", ...(await draining) };
  if (flags.json) await output.json(ended);
  else await output.result(`finished ${ended.finished}, gave back ${ended.released}`);
}

/** The tools of a worker, as a server that is mounted. */
const TOOLS = "tools";
/** A task's own time bounds its call. */
const CALL_MS = 86_400_000;

/** The configuration of the process that keeps the leases: all tools are in the other one. */
function keeperOf(read: ReadConfig, { host }: CliContext, flags: WorkerFlags): ReadConfig {
  const { file, args } = host.ownCommand ?? { file: "mcpp", args: [] };
  const tools = {
    type: "stdio",
    command: file,
    args: [
      ...args,
      "stdio",
      "--view",
      "flat",
      ...sameConfig(flags),
      "--set",
      "features.mesh=false",
    ],
    env: host.environment(),
  } as const;
  const config = withoutLog(read.loaded);
  const keeper = {
    ...config,
    features: { ...config.features, upstream: true, queue: true },
    upstream: { ...config.upstream, callTimeoutMs: CALL_MS, pins: "off" as const },
    queue: { ...config.queue, slots: 0 },
    mcpServers: { [TOOLS]: tools },
  };
  return { ...read, loaded: { ...read.loaded, config: keeper } };
}

/** Flags that name the configuration that these flags name. */
function sameConfig({ config, dataDir, root = [], set = [] }: WorkerFlags): readonly string[] {
  return [
    ...(config === undefined ? [] : ["--config", config]),
    ...(dataDir === undefined ? [] : ["--data-dir", dataDir]),
    ...root.flatMap((path) => ["--root", path]),
    ...set.flatMap((setting) => ["--set", setting]),
  ];
}

function start(
  app: App,
  { connect, queue, tool, ability }: WorkerFlags,
  about: { readonly slots: number; readonly name: string },
): Promise<AppWorker> {
  return app.queues.workAt({
    ...{ ...about, peers: connect, queue },
    ...(tool && { tools: tool }),
    ...(ability && { abilities: ability }),
  });
}

function wholeOf(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new InputError(
    "invalid_input",
    `${flag} ${text}: give a whole number of at least ${least}`,
    { data: { flag, value: text } },
  );
}
