/** Processes of the product for the demonstration: `mcpp` on three hosts, and what it says. @module */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";

/** The hosts that npm brings along. */
export type HostName = "node" | "bun" | "deno";

/** In the order in which they start. */
export const HOSTS: readonly HostName[] = ["node", "bun", "deno"];

/** Something that happened to a process, as it prints it with `--json`. */
export type Said = Readonly<Record<string, unknown>>;

/** `mcpp` with a command, which goes on until it is stopped. */
export interface Program {
  /** As the demonstration calls it. */
  readonly name: string;
  readonly child: ChildProcess;
  /** The next event of this name; those before it are passed over. */
  said(event: string): Promise<Said>;
  /** What it wrote for people, which is of interest when something went wrong. */
  complaints(): string;
}

/** The folder of the project. */
export const root: string = join(import.meta.dirname, "..", "..");

/** What starts may take where other programs keep the processors busy. */
const PATIENCE_MS = 60_000;

const programOf = (host: HostName): string => join(root, "node_modules", ".bin", host);

const commands: Readonly<Record<HostName, readonly string[]>> = {
  node: [programOf("node")],
  bun: [programOf("bun")],
  deno: [programOf("deno"), "run", "-A"],
};

/** Start `mcpp` with these words on a host. */
export function startProgram(
  name: string,
  host: HostName,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Program {
  const [file = "", ...args] = commands[host];
  const child = spawn(file, [...args, join(root, "runtimes", "main.ts"), ...words, "--json"], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints += text;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    ...{ name, child, complaints: () => complaints },
    async said(event) {
      const timer = setTimeout(() => child.kill(), PATIENCE_MS);
      try {
        for (;;) {
          const { value, done } = await lines.next();
          if (done) throw new Error(`${name} ended before it said "${event}"`);
          const said = JSON.parse(value) as Said;
          if (said.event === event) return said;
        }
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** What a command of `mcpp` prints that ends by itself. */
export async function askProgram(host: HostName, words: readonly string[]): Promise<Said> {
  const [file = "", ...args] = commands[host];
  const child = spawn(file, [...args, join(root, "runtimes", "main.ts"), ...words, "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const texts: string[] = [];
  for await (const text of child.stdout.setEncoding("utf8")) texts.push(text);
  return JSON.parse(texts.join("")) as Said;
}

/** Ask a process to end; gives the time it took, in ms. */
export async function stopProgram({ child }: Pick<Program, "child">): Promise<number> {
  const startedAt = performance.now();
  if (child.exitCode !== null || child.signalCode !== null) return 0;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await exited;
  return performance.now() - startedAt;
}
