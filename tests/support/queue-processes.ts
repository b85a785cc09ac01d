/** Servers that own queues and workers that work them, each a process of its own. @module */

import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { commandOn, type HostName } from "../../bench/hosts.ts";
import { eventually } from "./eventually.ts";
import { type McppOutcome, start } from "./mcpp-process.ts";

const MAIN = fileURLToPath(new URL("./queue-main.ts", import.meta.url));

/** Starting may take long where every processor is busy. */
const START_MS = 30_000;

type Facts = Readonly<Record<string, unknown>>;

/** How a process is started. */
export interface QueueProcessOptions {
  readonly host?: HostName;
  readonly env?: Readonly<Record<string, string>>;
  /** Words before the command, such as `prlimit --fsize=1000000`. */
  readonly wrap?: readonly string[];
}

/** A process of the product that writes lines of JSON. */
export interface QueueProcess {
  readonly pid: number;
  readonly isRunning: boolean;
  readonly output: () => McppOutcome;
  /** The first line of this event; rejects where the process ends before it, or takes too long. */
  said(event: string, withinMs?: number): Promise<Facts>;
  signal(name: NodeJS.Signals): void;
  /** The exit code; `null` where a signal ended it. */
  readonly ended: Promise<number | null>;
}

/** Start the product with a folder of its own; the caller ends it. */
export function startQueueProcess(
  folder: string,
  args: readonly string[],
  { host = "node", env = {}, wrap = [] }: QueueProcessOptions = {},
): QueueProcess {
  const [file = "", ...words] = [...wrap, ...commandOn(host, MAIN, ...args)];
  const child = start(file, words, { folder, env });
  const { pid, output } = child;
  if (pid === undefined) throw new Error(`${file} cannot be started`);
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const find = (event: string): Facts | undefined => {
    const lines = output().stdout.split("\n").slice(0, -1);
    const said = lines.flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
    return said.find((one) => one.event === event);
  };
  return {
    ...{ pid, output },
    get isRunning() {
      return isRunning();
    },
    async said(event, withinMs = START_MS) {
      await eventually(`"${event}" is said`, () => !!find(event) || !isRunning(), withinMs);
      const said = find(event);
      if (said) return said;
      throw new Error(`The process ended before it said "${event}": ${output().stderr}`);
    },
    signal: (name) => void (isRunning() && process.kill(pid, name)),
    ended: once(child, "close").then(([code]) => code),
  };
}

/** Settings that leave the rest of the machine alone. */
const ALONE = {
  mesh: { tcpPort: 0, webRtcPort: "off", webSocket: false, mdns: false, dht: false },
  listen: { port: 0 },
  log: { audit: false },
} as const;

/** What of a server a test sets. */
export interface ServerSettings {
  readonly queue?: Facts;
  readonly mesh?: Facts;
  readonly more?: Facts;
}

/** Write a server's configuration into its folder; returns the arguments that start it. */
export async function serverArgs(
  folder: string,
  { queue = {}, mesh = {}, more = {} }: ServerSettings = {},
): Promise<readonly string[]> {
  const path = join(folder, "mcpp.json");
  const config = {
    dataDir: join(folder, "data"),
    queue: { slots: 0, ...queue },
    ...{ ...ALONE, mesh: { ...ALONE.mesh, ...mesh }, ...more },
  };
  await writeFile(path, JSON.stringify(config));
  return ["serve", "--config", path, "--json"];
}

/** Arguments of a worker for the queue at this address. */
export function workerArgs(folder: string, address: string, ...more: string[]): readonly string[] {
  const settings = ["mesh.mdns=false", "mesh.dht=false"].flatMap((one) => ["--set", one]);
  const data = ["--data-dir", join(folder, "data")];
  return ["worker", "--connect", address, "--json", ...data, ...settings, ...more];
}

/** A server that answers, and where. */
export interface StartedServer extends QueueProcess {
  readonly url: string;
  readonly peer: string;
  /** Where it is dialled over TCP. */
  readonly address: string;
}

/** Wait until a server and its mesh are there. */
export async function startedServer(server: QueueProcess): Promise<StartedServer> {
  const { url } = await server.said("listening");
  const { peer, addresses } = await server.said("mesh");
  const address = (addresses as readonly string[]).find((one) => /\/tcp\/\d+\/p2p\//.test(one));
  if (address === undefined) throw new Error(`no TCP address: ${JSON.stringify(addresses)}`);
  return Object.create(server, {
    url: { value: url },
    peer: { value: peer },
    address: { value: address },
  });
}

/** What was done once. */
export interface Effect {
  readonly key: string;
  readonly pid: number;
  /** Told by the tool `chaos_step`. */
  readonly host?: string | undefined;
}

/** Lines that tasks of the kind `effect` left, in order. */
export async function effectsIn(file: string): Promise<readonly Effect[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [key = "", pid, host] = line.split(" ");
      return { key, pid: Number(pid), host };
    });
}
