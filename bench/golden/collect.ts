/**
 * Regenerates `tools.json`: starts the real servers of `servers.json` over stdio, asks each for its
 * tools and records them with package and version.
 *
 * `node bench/golden/collect.ts [server …]` — with names, only those are asked again. The packages are
 * pinned in `bench/peers/catalog/package.json` and installed without their install scripts; only
 * `tools/list` is asked, so the tokens are dummies, and no network is needed after the install.
 *
 * @module
 */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { InputError, messageOf } from "../../src/errors.ts";
import { installPeers, peersFolder } from "../peers.ts";
import type { GoldenTool } from "./catalog.ts";

interface ServerEntry {
  readonly server: string;
  readonly package: string;
  readonly bin?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly version: string;
  readonly bin: string | Readonly<Record<string, string>>;
}

const here: string = import.meta.dirname;
const catalog: string = join(peersFolder, "catalog");
const toolsFile: string = join(here, "tools.json");
/** Long enough for the slowest server on a busy machine. */
const START_TIMEOUT_MS = 60_000;

async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, "utf8")) as T;
}

async function entryFile(entry: ServerEntry): Promise<{ file: string; version: string }> {
  const folder = join(catalog, "node_modules", entry.package);
  const { bin, version } = await readJson<Manifest>(join(folder, "package.json"));
  const bins = typeof bin === "string" ? { default: bin } : bin;
  const chosen = entry.bin === undefined ? Object.values(bins)[0] : bins[entry.bin];
  if (chosen === undefined) {
    throw new InputError("invalid_input", `Package "${entry.package}" has no program to start`);
  }
  return { file: join(folder, chosen), version };
}

async function toolsOf(entry: ServerEntry, home: string): Promise<GoldenTool[]> {
  const { file, version } = await entryFile(entry);
  const client = new Client({ name: "golden-collector", version: "1.0.0" });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [file, ...(entry.args ?? [])],
    env: { PATH: process.env.PATH ?? "", HOME: home, ...entry.env },
    cwd: home,
    stderr: "ignore",
  });
  try {
    await client.connect(transport, { timeout: START_TIMEOUT_MS });
    const { tools } = await client.listTools(undefined, { timeout: START_TIMEOUT_MS });
    return tools.map(({ name, title, description, inputSchema, annotations }) => ({
      server: entry.server,
      package: entry.package,
      version,
      name,
      ...(title !== undefined && { title }),
      description: description ?? "",
      inputSchema: inputSchema as GoldenTool["inputSchema"],
      ...(annotations && { annotations }),
    }));
  } finally {
    await client.close();
  }
}

const entries: ServerEntry[] = await readJson(join(here, "servers.json"));
const wanted: string[] = process.argv.slice(2);
installPeers(catalog, ["--ignore-scripts"]);
const home: string = await mkdtemp(join(tmpdir(), "golden-"));
const kept: GoldenTool[] = wanted.length > 0 ? await readJson(toolsFile) : [];
const collected: GoldenTool[] = [];
const failures: string[] = [];
for (const entry of entries) {
  if (wanted.length > 0 && !wanted.includes(entry.server)) {
    collected.push(...kept.filter(({ server }) => server === entry.server));
    continue;
  }
  try {
    const tools = await toolsOf(entry, home);
    collected.push(...tools);
    console.log(`${entry.server}: ${tools.length} tools`);
  } catch (error) {
    failures.push(`${entry.server}: ${messageOf(error)}`);
  }
}
await rm(home, { recursive: true });
if (failures.length > 0) {
  console.error(`tools.json is unchanged, because of\n${failures.join("\n")}`);
  process.exit(1);
}
// One tool a line: a change of one server is a readable diff.
await writeFile(toolsFile, `[\n${collected.map((tool) => JSON.stringify(tool)).join(",\n")}\n]\n`);
console.log(`${collected.length} tools of ${entries.length} servers`);
