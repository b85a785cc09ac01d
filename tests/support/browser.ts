/** A real Chromium whose tabs have the bundle for pages at hand, and servers for them to join. @module */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { build } from "esbuild";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { browserBuild } from "../../scripts/build.ts";
import type { ErrorReport } from "../../src/errors.ts";
import type { CallResult } from "../../src/registry/result.ts";
import { chromiumLaunch } from "./chromium.ts";
import { hosts } from "./package.ts";
import { ROOT } from "./source-files.ts";

/** A browser with one origin. */
export interface Browser {
  readonly context: BrowserContext;
  readonly origin: string;
  /** A new tab that has run `tests/support/browser-tab.ts`. */
  openTab(): Promise<Page>;
  close(): Promise<void>;
}

const bundled = async (entry: string): Promise<string> => {
  const options = { ...browserBuild, sourcemap: false, minify: false, write: false } as const;
  const { outputFiles } = await build({ ...options, entryPoints: [entry] });
  return outputFiles[0]?.text ?? "";
};

/** Start Chromium with a profile of its own. */
export async function startBrowser(): Promise<Browser> {
  const script = await bundled("tests/support/browser-tab.ts");
  const server = createServer(({ url }, response) => {
    const isScript = url === "/tab.js";
    response
      .setHeader("content-type", isScript ? "text/javascript" : "text/html")
      .end(
        isScript
          ? script
          : '<!doctype html><title>tab</title><script type="module" src="/tab.js"></script>',
      );
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const profile = await mkdtemp(join(tmpdir(), "mcpp-chromium-"));
  const context = await chromium.launchPersistentContext(profile, chromiumLaunch);
  return {
    context,
    origin,
    async openTab() {
      const page = await context.newPage();
      await page.goto(origin);
      await page.waitForFunction("'tab' in globalThis");
      return page;
    },
    async close() {
      await context.close();
      server.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** What a function of a tab gave; classes of errors do not cross into the test. */
export interface Told<T> {
  readonly value: T;
  readonly error?: ErrorReport;
}

/** Call a function of `tests/support/browser-tab.ts`. */
export function inTab<T>(page: Page, name: string, ...args: readonly unknown[]): Promise<T> {
  return page.evaluate(`tab.${name}(${args.map((arg) => JSON.stringify(arg)).join()})`);
}

/** A server with a mesh, as a process. */
export interface MeshServer {
  readonly peer: string;
  readonly url: string;
  readonly addresses: readonly string[];
  /** Its address of one kind, e.g. `webrtc-direct`. */
  address(kind: string): string;
  /** Call a tool there over HTTP; `peer` has the server call it at that peer. */
  call(tool: string, input?: object, peer?: string): Promise<CallResult>;
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Send a signal that does not end it. */
  signal(signal: NodeJS.Signals): void;
}

/** Start `tests/support/mesh-server.ts` on a host. */
export async function startServer(
  host: keyof typeof hosts,
  config: object = {},
): Promise<MeshServer> {
  const [file = "", ...args] = hosts[host];
  const flags = host === "deno" ? ["--unstable-net"] : [];
  const program = join(ROOT, "tests/support/mesh-server.ts");
  const child: ChildProcess = spawn(file, [...args, ...flags, program, JSON.stringify(config)], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (!child.stdout) throw new Error("The server was started without pipes");
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const { value } = await createInterface(child.stdout)[Symbol.asyncIterator]().next();
  if (value === undefined) throw new Error(`The server on ${host} did not start: ${said}`);
  const { url, record } = JSON.parse(value);
  const addresses: readonly string[] = record.addresses;
  return {
    peer: record.peer,
    url,
    addresses,
    address(kind) {
      const found = addresses.find((address) => address.includes(`/${kind}/`));
      if (found === undefined) throw new Error(`No ${kind} among ${addresses.join(" ")}`);
      return found;
    },
    async call(tool, input = {}, peer) {
      const target = { tool, params: input, category: `peer:${peer}` };
      const [name, body] = peer === undefined ? [tool, input] : ["dispatch", target];
      const response = await fetch(`${url}/tools/${name}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      const answer = await response.json();
      if (!response.ok) throw Object.assign(new Error(answer.message), answer);
      return answer as CallResult;
    },
    signal: (signal) => void child.kill(signal),
    async kill(signal = "SIGKILL") {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill(signal);
      await exited;
    },
  };
}
