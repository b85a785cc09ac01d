/** The MCP client of the demonstration: what it is connected to, and how it calls. @module */

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { DemoServer } from "./servers.ts";

/** What a tool answers. */
export interface Reply {
  readonly isError?: boolean;
  readonly content: readonly { readonly text?: string }[];
  readonly structuredContent?: Readonly<Record<string, unknown>>;
}

/** A server with a client of its own. */
export interface Connected {
  readonly server: DemoServer;
  readonly client: Client;
}

/** Time for servers to find each other and to read each other's tools. */
export const MEET_MS = 30_000;

/** Connect to a server over HTTP. */
export async function connect(server: DemoServer): Promise<Connected> {
  const client = new Client({ name: "demo", version: "1.0.0" });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`)));
  return { server, client };
}

/** Call a tool by the meta-tool `dispatch`, as models do; gives the time it took, too. */
export async function dispatch({ client }: Connected, args: object): Promise<[Reply, ms: number]> {
  const startedAt = performance.now();
  const reply = await client.callTool({ name: "dispatch", arguments: { ...args } });
  return [reply as Reply, performance.now() - startedAt];
}

/** The words of an answer. */
export const textOf = ({ content }: Reply): string =>
  content.map(({ text }) => text ?? "").join(" ");

/** Throws what a tool says of its failure. */
export function assertOk(reply: Reply): void {
  if (reply.isError) throw new Error(textOf(reply));
}

/** The facts that a tool answers with. */
export async function ask(at: Connected, tool: string, params: object): Promise<unknown> {
  const [reply] = await dispatch(at, { tool, params });
  assertOk(reply);
  return reply.structuredContent;
}

/**
 * Call until the server knows the tools that the call needs, some of which only just came to be;
 * gives the answer and the time of the call that had it.
 */
export async function untilKnown(
  from: Connected,
  tool: string,
  params: object,
): Promise<[Reply, ms: number]> {
  const until = performance.now() + MEET_MS;
  for (;;) {
    const [reply, ms] = await dispatch(from, { tool, params });
    if (!reply.isError) return [reply, ms];
    if (performance.now() > until) throw new Error(textOf(reply));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
