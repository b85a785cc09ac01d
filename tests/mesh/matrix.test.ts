/** Every host dials every host, over each transport that all of them have. @module */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { host } from "#host";
import { commandOn, type HostName, hostNames, projectFolder } from "../../bench/hosts.ts";
import { STOP_MS } from "../../src/mesh/protocol.ts";
import { takePort } from "../support/take-port.ts";
import type { Command, Dialled } from "./child.ts";

/** One node in a process of its own. */
interface Child {
  readonly process: ChildProcess;
  readonly addresses: readonly string[];
  ask(command: Command): Promise<unknown>;
}

const TRANSPORTS: Readonly<Record<string, RegExp>> = {
  websocket: /\/ws\//,
  tcp: /\/tcp\/\d+\/p2p\//,
  "webrtc-direct": /\/webrtc-direct\//,
};

/** The connection that is left open when a host is stopped. */
const LAST_TRANSPORT: Readonly<Record<HostName, string>> = {
  node: "tcp",
  bun: "websocket",
  deno: "webrtc-direct",
};

/** What starting, or ending, a process may take beside what is measured. */
const PATIENCE_MS = 20_000;

async function startChild(name: HostName): Promise<Child> {
  const [file = "", ...args] = commandOn(name, "tests/mesh/child.ts");
  const child = spawn(file, args, { cwd: projectFolder, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`the node on ${name} ended before it answered`);
    return JSON.parse(value);
  };
  const addresses = (await read()) as readonly string[];
  return {
    process: child,
    addresses,
    ask(command) {
      child.stdin.write(`${JSON.stringify(command)}\n`);
      return "stop" in command ? once(child, "exit") : read();
    },
  };
}

// One run of this file tries all three hosts.
const isHere = host.name === "node";

describe("nodes on Node, Bun and Deno", { skip: isHere ? false : "runs on Node" }, () => {
  const diallers = new Map<HostName, Child>();
  const listeners = new Map<HostName, Child>();
  const table: string[] = [];
  const childOf = (children: ReadonlyMap<HostName, Child>, name: HostName): Child => {
    const child = children.get(name);
    if (!child) throw new Error(`the node on ${name} did not start`);
    return child;
  };
  const dial = async (
    from: HostName,
    to: HostName,
    transport: string,
    isKept = false,
  ): Promise<Dialled> => {
    const { addresses } = childOf(listeners, to);
    const address = addresses.find((one) => TRANSPORTS[transport]?.test(one)) ?? "";
    return (await childOf(diallers, from).ask({ dial: address, isKept })) as Dialled;
  };

  before(async () => {
    if (!isHere) return;
    for (const name of hostNames) {
      listeners.set(name, await startChild(name));
      diallers.set(name, await startChild(name));
    }
  });
  after(() => {
    for (const { process } of [...diallers.values(), ...listeners.values()]) {
      process.kill("SIGKILL");
    }
    if (isHere) console.log(`echo of 200 bytes, p50 in ms\n${table.join("\n")}`);
  });

  for (const transport of Object.keys(TRANSPORTS)) {
    for (const from of hostNames) {
      for (const to of hostNames) {
        it(`${from} dials ${to} over ${transport}`, { timeout: PATIENCE_MS }, async () => {
          const answer = await dial(from, to, transport);
          assertEquals({ ...answer, p50Ms: 0 }, { transport, p50Ms: 0, wasConnected: true });
          table.push(`${transport.padEnd(14)} ${from} → ${to}  ${answer.p50Ms.toFixed(3)}`);
        });
      }
    }
  }

  for (const [name, transport] of Object.entries(LAST_TRANSPORT)) {
    it(`end in time on ${name}, with a connection open, and free their ports`, {
      timeout: STOP_MS,
    }, async () => {
      await dial(name as HostName, name as HostName, transport, true);
      for (const children of [listeners, diallers]) {
        const exit = await childOf(children, name as HostName).ask({ stop: true });
        assertEquals(exit, [0, null]);
        for (const address of childOf(children, name as HostName).addresses) {
          await takePort(address);
        }
      }
    });
  }
});
