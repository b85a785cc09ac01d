/** Mounted test servers, a registry to call them through, and an end to all of it. @module */

import process from "node:process";
import type { TestContext } from "node:test";
import { spawnProcess } from "../../../runtimes/shared/spawn.ts";
import { type Clock, systemClock } from "../../../src/concurrency/clock.ts";
import type {
  HttpServerConfig,
  McpServersConfig,
  ServerSettings,
  StdioServerConfig,
} from "../../../src/config/mcp-servers.ts";
import { localCaller } from "../../../src/registry/caller.ts";
import type { ToolContext, UpstreamStatus } from "../../../src/registry/context.ts";
import { createRegistry, type Registry } from "../../../src/registry/registry.ts";
import type { CallResult } from "../../../src/registry/result.ts";
import { createMemoryStore } from "../../../src/storage/memory-store.ts";
import type { Store } from "../../../src/storage/store.ts";
import {
  createUpstreams,
  type Upstreams,
  type UpstreamsNeeds,
  type UpstreamsOptions,
} from "../../../src/upstream/mount.ts";

const isDeno = "deno" in process.versions;

/** A test server of this folder as a program of the host that runs the tests. */
export function program(
  script: string,
  args: readonly string[] = [],
  more: Partial<StdioServerConfig> & ServerSettings = {},
): StdioServerConfig {
  return packaged(`${import.meta.dirname}/${script}.ts`, args, more);
}

/** Any script as a program of the host that runs the tests. */
export function packaged(
  path: string,
  args: readonly string[] = [],
  more: Partial<StdioServerConfig> = {},
): StdioServerConfig {
  const run = isDeno ? ["run", "-A", "--no-check", path] : [path];
  return { type: "stdio", command: process.execPath, args: [...run, ...args], ...more };
}

/** A server at this address. */
export function address(url: string, more: Partial<HttpServerConfig> = {}): HttpServerConfig {
  return { type: "http", url, ...more };
}

/** Everything a test touches. */
export interface Mounted {
  readonly upstreams: Upstreams;
  readonly registry: Registry;
  readonly store: Store;
  /** What went wrong that no caller heard of. */
  readonly troubles: { readonly upstream: string; readonly error: unknown }[];
  call(tool: string, input?: object, context?: Partial<ToolContext>): Promise<CallResult>;
  names(): Promise<string[]>;
  status(name: string): UpstreamStatus;
  /** Resolves when `holds` does, looking after each change of the servers. */
  until(holds: () => boolean | Promise<boolean>): Promise<void>;
}

const defaults: UpstreamsOptions = {
  startTimeoutMs: 20_000,
  callTimeoutMs: 20_000,
  idleStopMs: 0,
  pins: "warn",
  maxResultBytes: 1_000_000,
  version: "0.0.0-test",
};

/** The host's clock with waits a twentieth as long, for what waits between attempts. */
export const hurriedClock: Clock = {
  ...systemClock,
  after: (ms, run) => systemClock.after(ms / 20, run),
  sleep: (ms, signal) => systemClock.sleep(ms / 20, signal),
};

/** What a test may choose itself. */
export interface MountOptions extends Partial<UpstreamsOptions> {
  readonly store?: Store;
  readonly needs?: Partial<UpstreamsNeeds>;
  readonly environment?: Readonly<Record<string, string>>;
}

function ownEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env);
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** A context as the router makes it. */
export function contextOf(more: Partial<ToolContext> = {}): ToolContext {
  const context = {
    signal: new AbortController().signal,
    caller: localCaller,
    client: {},
    inputResponses: undefined,
    requestState: undefined,
    progress: () => {},
    log: () => {},
    ...more,
  };
  // Mounted tools touch none of the services.
  return context as ToolContext;
}

/** Mount these servers and wait until each was seen or failed; all end with the test. */
export async function mount(
  t: TestContext,
  config: McpServersConfig,
  options: MountOptions = {},
): Promise<Mounted> {
  const { store = createMemoryStore(), needs, environment, ...rest } = options;
  const registry = createRegistry();
  const troubles: { upstream: string; error: unknown }[] = [];
  const upstreams = createUpstreams(
    {
      host: {
        environment: () => ({ ...ownEnvironment(), ...environment }),
        workingFolder: process.cwd(),
        spawn: spawnProcess,
      },
      clock: systemClock,
      random: () => 0.5,
      trouble: (upstream, error) => void troubles.push({ upstream, error }),
      ...needs,
      ...{ store, registry },
    },
    { ...defaults, ...rest },
  );
  t.after(() => upstreams.close());
  await upstreams.apply(config);
  await upstreams.settled();
  return { upstreams, registry, store, troubles, ...viewOf(upstreams, registry) };
}

function viewOf(
  upstreams: Upstreams,
  registry: Registry,
): Pick<Mounted, "call" | "names" | "status" | "until"> {
  return {
    async call(tool, input = {}, context = {}) {
      const { tool: found } = await registry.resolve(tool, localCaller);
      return found.run(found.parse(input), contextOf(context));
    },
    names: async () => (await registry.list(localCaller)).map(({ name }) => name),
    status(name) {
      const found = upstreams.status().find((status) => status.name === name);
      if (!found) throw new Error(`${name} is not mounted`);
      return found;
    },
    async until(holds) {
      while (!(await holds())) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const stop = upstreams.onChange(resolve);
        if (!(await holds())) await promise;
        stop();
      }
    },
  };
}

/** The text of the first block. */
export function textOf({ content }: CallResult): string {
  return String(content[0]?.text);
}
