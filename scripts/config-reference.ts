/** Writes docs/configuration.md from the table of settings: `node scripts/config-reference.ts`. @module */

import { writeFile } from "node:fs/promises";
import type { SettingKey } from "../src/config/config.ts";
import { presentFeatures } from "../src/config/features.ts";
import { environmentNameOf, settingKeys, settingOf } from "../src/config/schema.ts";

const INTRODUCTION = `# Configuration

<!-- Written by scripts/config-reference.ts from src/config/schema.ts; change it there. -->

A server needs no configuration. What you set comes from four places, the later winning:
defaults, a file, the environment, flags. \`mcpp config\` shows every value with the place it came
from, \`mcpp config --check\` says whether all of it is good, and a wrong key or value is an error
with file, line, column and the nearest right one.

## The file

YAML or JSON: the one that \`--config\` or \`MCPP_CONFIG\` names, else \`mcplusplus/config.yaml\` in your
configuration folder (\`~/.config\`, \`$XDG_CONFIG_HOME\` or \`%APPDATA%\`). A file in the working folder is
never read unless it is named: a configuration starts programs. Relative paths start at the file's folder, \`~\` is
your home. \`mcpp serve\` applies changes while it runs; settings marked ↻ need a restart.

\`\`\`yaml
view: hybrid
pinned: [dataset]
roots: [~/notes]
mcpServers:                       # as in Claude Desktop; VS Code's "servers" works too
  github:
    command: npx
    args: ["-y", "@modelcontextprotocol/server-github"]
    env: { GITHUB_TOKEN: "\${GITHUB_TOKEN}" }
  search:
    url: https://search.example/mcp
\`\`\`

\`mcpp config --schema > mcpp.schema.json\` gives editors completion and checks: put
\`# yaml-language-server: $schema=./mcpp.schema.json\` on the first line of a YAML file, or
\`"$schema": "./mcpp.schema.json"\` into a JSON file.

## Environment and flags

Every setting has a variable, as in the table: lists with commas or as JSON, objects as JSON. Every
setting has a flag: \`--set key=value\`; some have one of their own.

## Mounted servers that ask for consent

A server at a \`url\` that answers 401 and names an authorization server (OAuth 2.1) waits for a
person: \`mcpp serve\` prints the address to open, as \`consentUrl\` of \`admin_upstream_status\` and of
\`--json\` as well. The browser comes back to \`/oauth/callback\` of this server, at the latest after
ten minutes. The tokens are kept in \`dataDir\` and refreshed; \`mcpp stdio\`, \`call\` and \`doctor\` use
them too, and cannot ask for new ones. A token in \`headers\` turns this off; \`oauth\` holds a
client that was registered beforehand.

## Listening beyond this machine

With any \`listen.hostname\` but loopback the server starts only with \`auth.keys\` or \`auth.jwt\`, or
with \`listen.insecure\` when that is meant. \`mcpp key create --id laptop\` prints a key once, and the
entry for \`auth.keys\`, which holds nothing but its hash. Name the machine in \`listen.allowedHosts\`:
requests for other host names are refused, which is what stops DNS rebinding.

## Settings
`;

function defaultOf(key: SettingKey): string {
  const { default: value, defaultText } = settingOf(key);
  return defaultText ?? `\`${JSON.stringify(value)}\``;
}

/** Features that exist as switches only, so that turning them on can be refused with a reason. */
function isAbsent(key: SettingKey): boolean {
  const [section, name = ""] = key.split(".");
  const present: ReadonlySet<string> = presentFeatures;
  return section === "features" && !present.has(name);
}

function row(key: SettingKey): string {
  const { description, flag, alias, needsRestart } = settingOf(key);
  const variables = [alias, environmentNameOf(key)].filter((name) => name !== undefined);
  const other = [...(flag ? [flag] : []), ...variables].map((word) => `\`${word}\``).join("<br>");
  const words = isAbsent(key) ? `${description} (not in this version)` : description;
  const restart = needsRestart ? " ↻" : "";
  return `| \`${key}\`${restart} | ${defaultOf(key)} | ${words.replaceAll("|", "\\|")} | ${other} |`;
}

/** The text of docs/configuration.md. */
export function configReference(): string {
  const table = ["| Setting | Default | What it does | Otherwise set by |", "|---|---|---|---|"];
  return `${INTRODUCTION}\n${[...table, ...settingKeys.map(row)].join("\n")}\n`;
}

if (import.meta.main) {
  await writeFile(new URL("../docs/configuration.md", import.meta.url), configReference());
}
