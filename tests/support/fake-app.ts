/** An app around a real registry, for tests of what is in front of it. @module */

import * as v from "valibot";
import type { App, Diagnosis, MeshStatus, ReloadReport } from "../../src/app-types.ts";
import type { Config } from "../../src/config/config.ts";
import { InputError, ToolError, UnavailableError } from "../../src/errors.ts";
import type { Category } from "../../src/registry/category.ts";
import type { ToolContext, UpstreamStatus } from "../../src/registry/context.ts";
import { defineTool, type Tool } from "../../src/registry/definition.ts";
import type { Peers } from "../../src/registry/peers.ts";
import { createRegistry } from "../../src/registry/registry.ts";
import type { ToolCall } from "../../src/router/call.ts";

/** What a test can see and do beside the app's own surface. */
export interface FakeApp {
  readonly app: App;
  readonly calls: ToolCall[];
  readonly stopped: () => boolean;
  /** Replace the states of the mounted servers and tell the listeners. */
  setUpstreams(statuses: readonly UpstreamStatus[]): void;
  /** End the start of the mesh. */
  settleMesh(mesh: FakeMesh): void;
}

/** The mesh of an app. */
export interface FakeMesh {
  readonly status: Omit<MeshStatus, "missing"> & Partial<MeshStatus>;
  readonly peers?: Peers;
  readonly reach?: (peer: string) => Promise<string>;
}

/** What the app answers. */
export interface FakeAppOptions {
  readonly upstreams?: readonly UpstreamStatus[];
  readonly diagnoses?: Readonly<Record<string, Diagnosis>>;
  readonly reload?: () => Promise<ReloadReport>;
  readonly mesh?: FakeMesh;
  /** Beside those that every fake has. */
  readonly categories?: readonly Category[];
}

const readFile: Tool = defineTool({
  name: "read_text_file",
  description: "Read the complete contents of a file as text",
  input: v.object({
    path: v.pipe(v.string(), v.description("Which file")),
    head: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
    tags: v.optional(v.array(v.string())),
    isBinary: v.optional(v.boolean(), false),
  }),
  annotations: { readOnlyHint: true },
  example: { path: "notes.md" },
  run: (input) => (input.path === "plain.txt" ? "plain text" : { ...input }),
});

const failing: Tool = defineTool({
  name: "fail",
  description: "Fail \u001b[31min red\u001b[0m as \u200basked",
  input: v.object({ how: v.optional(v.picklist(["result", "tool", "down", "bug"]), "result") }),
  run({ how }) {
    if (how === "tool") throw new ToolError("tool_failed", "The handler failed");
    if (how === "down") {
      throw new UnavailableError("upstream_unavailable", "It is gone", {
        data: { upstream: "github" },
      });
    }
    if (how === "bug") throw new TypeError("x is not a function");
    return { content: [{ type: "text", text: "it did not work" }], isError: true };
  },
});

const categories: readonly Category[] = [
  {
    name: "filesystem",
    title: "Files",
    description: "Files",
    source: "upstream",
    toolNames: [readFile.name],
    runtime: "local",
    load: async () => [readFile],
  },
  {
    name: "trouble",
    title: "Trouble",
    description: "Trouble",
    source: "builtin",
    toolNames: [failing.name],
    runtime: "local",
    load: async () => [failing],
  },
];

/** An app around a real registry. */
export function createFakeApp(config: Config, options: FakeAppOptions = {}): FakeApp {
  const registry = createRegistry();
  for (const category of [...categories, ...(options.categories ?? [])]) registry.put(category);
  const calls: ToolCall[] = [];
  const listeners = new Set<() => void>();
  let statuses = options.upstreams ?? [];
  let isStopped = false;
  let mesh: FakeMesh = options.mesh ?? { status: { state: "off", reason: "this app is a fake" } };
  const meshSettled = Promise.withResolvers<void>();
  if (mesh.status.state !== "starting") meshSettled.resolve();
  const app: App = {
    config,
    registry,
    queues: {
      report: () => ({ state: "off" }),
      workAt: () => Promise.reject(new Error("this app works for nobody")),
    },
    mesh: {
      status: () => ({ missing: {}, ...mesh.status }),
      settled: () => meshSettled.promise,
      get peers() {
        return mesh.peers;
      },
      request: (peer) => Promise.reject(new Error(`no way to ${peer}`)),
      reach: (peer) => mesh.reach?.(peer) ?? Promise.reject(new Error(`no way to ${peer}`)),
    },
    upstreams: {
      status: () => statuses,
      async settled() {
        while (statuses.some(({ state }) => state === "starting")) {
          await new Promise<void>((resolve) => listeners.add(resolve));
        }
      },
      onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      async diagnose(name) {
        const found = options.diagnoses?.[name];
        if (!found) throw new InputError("unknown_upstream", `There is no server "${name}"`);
        return found;
      },
    },
    settings: () => [],
    async search(query, caller, limit) {
      const all = await registry.list(caller);
      return all.filter(({ tool }) => tool.summary.includes(query)).slice(0, limit);
    },
    fetch: () => new Response("ok"),
    async call(call) {
      calls.push(call);
      const { tool } = await registry.resolve(call.tool, call.caller, call.category);
      // The tools above use nothing of their context.
      return tool.run(tool.parse(call.input), {} as ToolContext);
    },
    async serveStream(input, output, caller) {
      const writer = output.getWriter();
      await writer.write(new TextEncoder().encode(`${caller.id}: `));
      for await (const chunk of input) await writer.write(chunk);
      await writer.close();
    },
    reload: options.reload ?? (async () => ({ changed: [], needsRestart: [] })),
    async stop() {
      isStopped = true;
    },
    [Symbol.asyncDispose]: () => app.stop(),
  };
  return {
    app,
    calls,
    stopped: () => isStopped,
    settleMesh(next) {
      mesh = next;
      meshSettled.resolve();
    },
    setUpstreams(next) {
      statuses = next;
      for (const listener of listeners) listener();
    },
  };
}

/** The status of a mounted server that has just begun to start, with some of it changed. */
export function upstreamStatus(name: string, changes: Partial<UpstreamStatus>): UpstreamStatus {
  return {
    name,
    transport: "stdio",
    state: "starting",
    tools: 0,
    restarts: 0,
    calls: 0,
    failures: 0,
    since: "2026-11-20T00:00:00.000Z",
    ...changes,
  };
}
