/** Starts {@link file://./mesh-child.ts} and talks to it. @module */

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { start } from "./mcpp-process.ts";
import type { ChildCommand } from "./mesh-child.ts";
import { type Cleanup, createTempFolder } from "./temp-folder.ts";

const CHILD = fileURLToPath(new URL("./mesh-child.ts", import.meta.url));

/** Deno asks before it does anything, the others do not. */
const hostArgs: readonly string[] = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];

/** A member of the mesh that is a process of its own. */
export interface MeshChild {
  readonly process: ChildProcess;
  readonly peer: string;
  readonly address: string;
  ask<T>(command: ChildCommand): Promise<T>;
}

/** Start one; `wrap` goes before the command, such as `ip netns exec <name>`. It is killed at last. */
export async function startMeshChild(
  t: Cleanup,
  config: Readonly<Record<string, unknown>>,
  wrap: readonly string[] = [],
): Promise<MeshChild> {
  const folder = await createTempFolder(t);
  const words = [...wrap, process.execPath, ...hostArgs, CHILD, JSON.stringify(config)];
  const [file = "", ...args] = words;
  const child = start(file, args, { folder, input: "open" });
  const ended = once(child, "exit");
  // Bun 1.4 aborts the streams of a child that is killed.
  for (const stream of [child.stdin, child.stdout, child.stderr]) {
    stream?.on("error", () => undefined);
  }
  t.after(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await ended;
  });
  if (!child.stdout) throw new Error("the child has no output");
  const reader = createInterface({ input: child.stdout });
  reader.on("error", () => undefined);
  const lines = reader[Symbol.asyncIterator]();
  const next = async (): Promise<Record<string, unknown>> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`The child ended: ${child.output().stderr}`);
    const said = JSON.parse(value);
    if (said.error !== undefined) throw new Error(said.error);
    return said;
  };
  const { peer, address } = await next();
  return {
    process: child,
    peer: String(peer),
    address: String(address),
    async ask<T>(command: ChildCommand) {
      child.stdin?.write(`${JSON.stringify(command)}\n`);
      // Each command has its own shape of answer, which mesh-child.ts declares.
      return (await next()) as T;
    },
  };
}
