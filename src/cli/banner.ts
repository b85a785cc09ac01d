/** What `mcpp serve` says of itself. @module */

import type { App } from "../app-types.ts";
import type { Config } from "../config/config.ts";
import { homeOf } from "../config/paths.ts";
import type { Host } from "../host.ts";
import { localCaller } from "../registry/caller.ts";
import type { UpstreamStatus } from "../registry/context.ts";
import { urlOf } from "./listen.ts";
import { type MeshFacts, meshFacts } from "./mesh-facts.ts";
import { oneLine, type Style } from "./output.ts";
import { cut } from "./table.ts";

/** Facts about a server that listens. */
export interface Listening {
  readonly version: string;
  readonly host: string;
  readonly hostVersion: string;
  readonly url: string;
  readonly port: number;
  readonly view: Config["view"];
  readonly tools: number;
  readonly categories: number;
  readonly dataDir: string;
  readonly config: string | null;
  readonly readyMs: number;
  readonly mesh: MeshFacts;
}

/** Collect the facts. */
export function listeningFacts(
  { config, registry, mesh }: App,
  host: Pick<Host, "name" | "version">,
  about: { readonly version: string; readonly port: number; readonly readyMs: number },
  configPath: string | undefined,
): Listening {
  // A category that has no tool for now is nothing that a client could use.
  const categories = registry.categories(localCaller).filter(({ toolCount }) => toolCount > 0);
  return {
    version: about.version,
    host: host.name,
    hostVersion: host.version,
    url: urlOf(config.listen.hostname, about.port),
    port: about.port,
    view: config.view,
    tools: categories.reduce((sum, { toolCount }) => sum + toolCount, 0),
    categories: categories.length,
    dataDir: config.dataDir,
    config: configPath ?? null,
    readyMs: Math.round(about.readyMs),
    mesh: meshFacts(mesh),
  };
}

/** `v24.21.0` → `24.21`. */
export function shortVersion(version: string): string {
  return /\d+(?:\.\d+)?/.exec(version)?.[0] ?? version;
}

const plural = (count: number, one: string, many: string): string =>
  `${count} ${count === 1 ? one : many}`;

function whatClientsSee({ view, tools, categories }: Listening): string {
  const all = `${plural(tools, "tool", "tools")} in ${plural(categories, "category", "categories")}`;
  if (view === "flat") return all;
  return view === "meta" ? `4 meta-tools over ${all}` : `4 meta-tools and pinned ones over ${all}`;
}

/** `/home/ada/x` → `~/x`. */
export function tilde(path: string, environment: Readonly<Record<string, string>>): string {
  const home = homeOf(environment);
  return home && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

/** The banner, without a newline at its end. */
export function formatBanner(
  facts: Listening,
  { bold, dim, cyan }: Style,
  environment: Readonly<Record<string, string>>,
): string {
  const { version, host, hostVersion, readyMs, url } = facts;
  const row = (label: string, value: string, word = ""): string =>
    `  ${bold(label.padEnd(8))}  ${word ? `${value.padEnd(31)}  ${dim(word)}` : value}`;
  return [
    `${bold("mcplusplus")} ${version} · ${host} ${shortVersion(hostVersion)} · ready in ${readyMs} ms`,
    "",
    row("MCP", cyan(`${url}/mcp`.padEnd(31)), whatClientsSee(facts)),
    row("REST", cyan(`${url}/tools`.padEnd(31)), "OpenAPI at /openapi.json"),
    row("Data", tilde(facts.dataDir, environment)),
    ...(facts.config ? [row("Config", tilde(facts.config, environment))] : []),
    "",
    `  Claude, VS Code, Cursor:  ${bold("mcpp stdio")}      ·  try it:  ${bold('mcpp tools "read a file"')}`,
  ].join("\n");
}

/** How an upstream's line is laid out. */
export interface UpstreamLayout {
  readonly style: Style;
  readonly columns: number;
  /** Room for the longest name of those that stand in one column. */
  readonly nameWidth?: number;
}

/** One mounted server in a line. */
export function formatUpstream(status: UpstreamStatus, layout: UpstreamLayout): string {
  const { style, columns, nameWidth = 0 } = layout;
  const { name, state, tools, transport, error } = status;
  const count = plural(tools, "tool", "tools");
  const suffix = `${state === "backoff" ? ", will be tried again" : ""}   (mcpp doctor ${name})`;
  const room = columns - "  Upstream    ! ".length - Math.max(nameWidth, name.length);
  const said = cut(oneLine(error ?? state), Math.max(10, room - suffix.length)) + suffix;
  if (status.consentUrl !== undefined) {
    return `  ${style.bold("Upstream")}  ${name.padEnd(nameWidth)}  ${style.yellow("!")} waits for your consent`;
  }
  const words: Readonly<Record<UpstreamStatus["state"], string>> = {
    ready: `${style.green("✓")} ${count} over ${transport}`,
    idle: `${style.dim("·")} ${count}, starts on first use`,
    starting: style.dim("… starting"),
    backoff: `${style.yellow("!")} ${said}`,
    failed: `${style.red("✗")} ${said}`,
    stopped: `${style.dim("–")} stopped`,
    disabled: `${style.dim("–")} disabled`,
  };
  return `  ${style.bold("Upstream")}  ${name.padEnd(nameWidth)}  ${words[state]}`;
}
