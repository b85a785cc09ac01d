/** MCP's endpoint and streams over the fixtures, with a clock and changes in the hands of a test. @module */

import { type Changes, createChanges } from "../../src/mcp/changes.ts";
import { createEngine, type Engine, type Extension, type View } from "../../src/mcp/engine.ts";
import { createHotPath, type HotPath } from "../../src/mcp/hot-path.ts";
import { createRequestStateSeal, type RequestStateSeal } from "../../src/mcp/request-state.ts";
import { serveStream } from "../../src/mcp/serve-stream.ts";
import type { Caller } from "../../src/registry/caller.ts";
import { localCaller } from "../../src/registry/caller.ts";
import type { Services } from "../../src/registry/context.ts";
import { createOffers } from "../../src/registry/offers.ts";
import { createRegistry, type Registry } from "../../src/registry/registry.ts";
import { CallContext } from "../../src/router/call-context.ts";
import { createMcpEndpoint, type McpEndpoint } from "../../src/server/mcp-endpoint.ts";
import { createFakeClock, type FakeClock } from "./fake-clock.ts";
import { createFixtures, type Fixtures, grownCategory } from "./fixtures.ts";

/** The parts, and what happened in them. */
export interface McpScene {
  readonly fixtures: Fixtures;
  readonly registry: Registry;
  readonly engine: Engine;
  readonly hotPath: HotPath;
  readonly seal: RequestStateSeal;
  readonly changes: Changes;
  readonly clock: FakeClock;
  readonly endpoint: McpEndpoint;
  readonly reports: Error[];
  /** Answer a request as this caller. */
  ask(request: Request, caller?: Caller, view?: View): Promise<Response>;
  /** Serve a stream of lines; gives what was written, as messages. */
  stream(options?: StreamOptions): ServedStream;
}

/** What serves a stream. */
export interface StreamOptions {
  readonly view?: View;
  readonly caller?: Caller;
}

/** A stream in the hands of a test. */
export interface ServedStream {
  /** Write lines; a message is written as JSON. */
  write(...lines: readonly (string | object)[]): Promise<void>;
  /** The next message that holds this, by `id` or `method`. */
  next(key: string | number): Promise<Readonly<Record<string, unknown>>>;
  /** End the input; resolves when serving is over. */
  end(): Promise<void>;
  readonly written: readonly Readonly<Record<string, unknown>>[];
}

/** The parts over fresh fixtures. */
export function createMcpScene(extensions: readonly Extension[] = []): McpScene {
  const fixtures = createFixtures();
  const registry = createRegistry();
  for (const category of fixtures.categories) registry.put(category);
  fixtures.grow = () => registry.put(grownCategory);
  const changes = createChanges();
  registry.onChange(() => changes.publish({ kind: "tools_list_changed" }));
  const clock = createFakeClock();
  const reports: Error[] = [];
  const report = (error: Error): void => void reports.push(error);
  const engine = createEngine({
    serverInfo: { name: "scene", title: "Scene", version: "0.0.0-test" },
    registry,
    lookup: registry,
    offers: createOffers({ registry, sourceFailed: () => {} }),
    callTool: async (call) => {
      const { tool } = await registry.resolve(call.tool, call.caller, call.category);
      // The fixtures touch no service.
      return tool.run(tool.parse(call.input), new CallContext(call, {} as Services));
    },
    pinned: () => [],
    maxBatch: () => 10,
    extensions,
  });
  const hotPath = createHotPath(engine);
  const seal = createRequestStateSeal(new Uint8Array(32).fill(7));
  const parts = { engine, hotPath, seal, changes, clock, report };
  const endpoint = createMcpEndpoint({ ...parts, maxBodyBytes: () => 100_000 });
  return {
    fixtures,
    registry,
    reports,
    endpoint,
    ...parts,
    ask: (request, caller = localCaller, view = "flat") => endpoint.answer(request, view, caller),
    stream: ({ view = "flat", caller = localCaller } = {}) =>
      openStream((input, output) => serveStream({ ...parts, view, caller }, input, output)),
  };
}

type Serve = (
  input: ReadableStream<Uint8Array>,
  output: WritableStream<Uint8Array>,
) => Promise<void>;

function openStream(serve: Serve): ServedStream {
  const written: Readonly<Record<string, unknown>>[] = [];
  const waiting = new Set<() => void>();
  const input = new TransformStream<Uint8Array, Uint8Array>();
  const writer = input.writable.getWriter();
  const output = new WritableStream<Uint8Array>({
    write(chunk) {
      for (const line of new TextDecoder().decode(chunk).trim().split("\n")) {
        written.push(JSON.parse(line));
      }
      for (const check of waiting) check();
    },
  });
  const served = serve(input.readable, output);
  return {
    written,
    async write(...lines) {
      for (const line of lines) {
        const text = typeof line === "string" ? line : JSON.stringify(line);
        await writer.write(new TextEncoder().encode(`${text}\n`));
      }
    },
    next: (key) =>
      new Promise((resolve) => {
        const check = (): void => {
          const found = written.find(({ id, method }) => id === key || method === key);
          if (!found) return;
          waiting.delete(check);
          resolve(found);
        };
        waiting.add(check);
        check();
      }),
    async end() {
      await writer.close();
      await served;
    },
  };
}
