/** Real MCP clients of both SDKs on every way in: an app's `fetch`, a port, a child process. @module */

import process from "node:process";
import type { TestContext } from "node:test";
import {
  Client,
  type ClientOptions,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { host } from "#host";
import { type Harness, type HarnessOptions, openHarness } from "./harness.ts";

/** The eras in which a v2 client may come. */
export type Era = "modern" | "legacy" | "auto";

/** The ways in. */
export type Link = "fetch" | "port" | "stdio";

/** Where clients connect. */
export interface Place {
  readonly link: Link;
  /** Missing where the server is another process. */
  readonly harness?: Harness;
  connect(era: Era, options?: ConnectOptions): Promise<Client>;
  connectV1(options?: ConnectOptions): Promise<ClientV1>;
}

/** How one client connects. */
export interface ConnectOptions {
  readonly capabilities?: ClientOptions["capabilities"];
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  /** Called before the client connects. */
  readonly prepare?: (client: Client) => void;
  readonly prepareV1?: (client: ClientV1) => void;
}

/** A server as a program of the host that runs the tests. */
export function fixtureProgram(args: readonly string[] = []): ClientProgram {
  return programOf(`${import.meta.dirname}/fixture-main.ts`, args);
}

/** A program for an MCP client, which gives it little of the environment. */
export interface ClientProgram {
  readonly command: string;
  readonly args: string[];
  readonly env: Record<string, string>;
}

/** Any script as a program of the host that runs the tests. */
export function programOf(path: string, args: readonly string[]): ClientProgram {
  const run = "deno" in process.versions ? ["run", "-A", "--no-check", path] : [path];
  const { NODE_COMPILE_CACHE } = process.env;
  // Else Node compiles the whole product for each client.
  const env = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };
  return { command: process.execPath, args: [...run, ...args], env };
}

const MODES = {
  modern: { mode: { pin: "2026-07-28" } },
  legacy: { mode: "legacy" },
  auto: { mode: "auto" },
} as const;

const info = { name: "test", version: "1.0.0" };

/** A server and a way to connect clients to it; all ends with the test. */
export async function openPlace(
  t: TestContext,
  link: Link,
  options: HarnessOptions = {},
): Promise<Place> {
  if (link === "stdio") return stdioPlace(t, options);
  const harness = await openHarness(t, options);
  const { app } = harness;
  const server =
    link === "port"
      ? await host.listen((request) => app.fetch(request), { hostname: "127.0.0.1", port: 0 })
      : undefined;
  if (server) t.after(() => server.close());
  const base = `http://127.0.0.1:${server?.port ?? 80}`;
  const fetchApp = async (url: string | URL, init?: RequestInit): Promise<Response> =>
    app.fetch(new Request(url, init));
  const transportOptions = ({ headers }: ConnectOptions): object => ({
    ...(link === "fetch" && { fetch: fetchApp }),
    ...(headers && { requestInit: { headers } }),
  });
  return {
    link,
    harness,
    async connect(era, connect = {}) {
      const url = new URL(connect.path ?? "/mcp", base);
      const transport = new StreamableHTTPClientTransport(url, transportOptions(connect));
      const client = clientOf(era, connect);
      await client.connect(transport);
      t.after(() => client.close());
      return client;
    },
    async connectV1(connect = {}) {
      const url = new URL(connect.path ?? "/mcp", base);
      const client = clientV1Of(connect);
      // The v1 types know nothing of exactOptionalPropertyTypes.
      await client.connect(new HttpV1(url, transportOptions(connect)) as never);
      t.after(() => client.close());
      return client;
    },
  };
}

function clientOf(era: Era, { capabilities = {}, prepare }: ConnectOptions): Client {
  const client = new Client(info, { capabilities, versionNegotiation: MODES[era] });
  prepare?.(client);
  return client;
}

function clientV1Of({ capabilities = {}, prepareV1 }: ConnectOptions): ClientV1 {
  const client = new ClientV1(info, { capabilities: capabilities as Record<string, object> });
  prepareV1?.(client);
  return client;
}

function stdioPlace(t: TestContext, { config = {} }: HarnessOptions): Place {
  const settings = Object.entries(config).map(([key, value]) => {
    const shown = typeof value === "string" ? value : JSON.stringify(value);
    return `--set=${key}=${shown}`;
  });
  const program = { ...fixtureProgram(settings), stderr: "pipe" as const };
  return {
    link: "stdio",
    async connect(era, connect = {}) {
      const client = clientOf(era, connect);
      await client.connect(new StdioClientTransport(program));
      t.after(() => client.close());
      return client;
    },
    async connectV1(connect = {}) {
      const client = clientV1Of(connect);
      await client.connect(new StdioV1(program) as never);
      t.after(() => client.close());
      return client;
    },
  };
}
