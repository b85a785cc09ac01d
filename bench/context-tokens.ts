/**
 * What a tool list costs a model's context, in tokens of o200k: the same mounted servers shown flat,
 * and behind four meta-tools.
 *
 * @module
 */

import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { createApp } from "../src/app.ts";
import type { App, AppHost } from "../src/app-types.ts";
import { loadConfig } from "../src/config/load.ts";
import { IntegrityError } from "../src/errors.ts";
import { goldenQueries } from "./golden/catalog.ts";
import { goldenCategories } from "./golden/categories.ts";
import type { Row } from "./harness.ts";
import type { HostName } from "./hosts.ts";
import { median } from "./statistics.ts";
import { envelope, modernHeaders } from "./wire.ts";

interface Listed {
  readonly name: string;
  readonly description?: string;
  readonly inputSchema: unknown;
}

const host: AppHost = {
  name: "node",
  environment: () => ({}),
  workingFolder: "/",
  terminal: { printError: () => Promise.resolve() },
};

function openApp(view: string): Promise<App> {
  const flags = [{ key: "view" as const, text: view, flag: "--view" }];
  const sources = { environment: {}, flags, dataHome: "/", workingFolder: "/" };
  return loadConfig(sources).then((loaded) =>
    createApp({ ...loaded, host, catalog: goldenCategories() }),
  );
}

async function request(
  app: App,
  method: string,
  params: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await app.fetch(
    new Request("http://127.0.0.1/mcp", {
      method: "POST",
      headers: { host: "127.0.0.1", ...modernHeaders(method, params) },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method,
        params: { ...params, _meta: envelope },
      }),
    }),
  );
  const answer = (await response.json()) as { result?: Readonly<Record<string, unknown>> };
  if (answer.result && answer.result.isError !== true) return answer.result;
  throw new IntegrityError("malformed_frame", `${method} was answered ${JSON.stringify(answer)}`);
}

async function listAll(app: App): Promise<readonly Listed[]> {
  const listed: Listed[] = [];
  let cursor: unknown;
  do {
    const page = await request(app, "tools/list", cursor === undefined ? {} : { cursor });
    listed.push(...(page.tools as readonly Listed[]));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return listed;
}

/** What a host hands to the model of each tool. */
const tokensOf = (tools: readonly Listed[]): number =>
  countTokens(
    JSON.stringify(
      tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema })),
    ),
  );

async function textOf(app: App, name: string, input: object): Promise<string> {
  const result = await request(app, "tools/call", { name, arguments: input });
  return JSON.stringify(result.structuredContent);
}

/** Tokens of finding one tool and reading its schema, over the golden queries. */
async function lookTokens(app: App, limit: number): Promise<number> {
  const looks: number[] = [];
  for (const { query, tools } of goldenQueries) {
    const found = await textOf(app, "list_tools", { query, limit });
    const schema = await textOf(app, "get_schema", { tool: tools[0] });
    looks.push(countTokens(found) + countTokens(schema));
  }
  return median(looks);
}

/** The same on every host, so it is computed once. */
export async function* contextTokens(on: HostName): AsyncGenerator<Row> {
  if (on !== "node") return;
  const row = { bench: "context-tokens", host: on, unit: "tokens", peer: "flat" };
  await using flat = await openApp("flat");
  await using meta = await openApp("meta");
  const all = await listAll(flat);
  const limit = tokensOf(all);
  const four = tokensOf(await listAll(meta));
  const name = `flat, ${all.length} tools`;
  yield { ...row, subject: name, metric: "context", value: limit, ratio: 1 };
  yield { ...row, subject: "meta", metric: "context", value: four, ratio: four / limit };
  for (const depth of [5, 50]) {
    const look = await lookTokens(meta, depth);
    const subject = `meta, one list_tools (limit ${depth}) and one get_schema`;
    yield {
      ...row,
      subject,
      metric: "context",
      value: four + look,
      ratio: (four + look) / limit,
    };
  }
}
