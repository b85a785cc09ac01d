/** `mcpp config`: every setting, its value, and where that came from. @module */

import { configJsonSchema } from "../../config/json-schema.ts";
import type { SettingOrigin } from "../../registry/context.ts";
import type { CliContext } from "../context.ts";
import { openConfig } from "../open-config.ts";
import type { Output } from "../output.ts";
import type { ConfigFlags } from "../routes.ts";
import { formatTable } from "../table.ts";

/** `mcpp config`. */
export async function config(this: CliContext, flags: ConfigFlags): Promise<void> {
  const { host, output } = this;
  if (flags.schema) return output.json(configJsonSchema());
  const { path, load } = await openConfig(host, flags);
  const { origins, warnings } = await load();
  if (flags.json) {
    const settings = flags.check ? undefined : origins;
    return output.json({ ok: true, file: path ?? null, warnings, settings });
  }
  const told = path ?? "no configuration file: defaults, environment and flags";
  if (flags.check) await output.result(`${output.style.green("✓")} ${told}`);
  else await output.result(flags.explain ? explain(origins, output) : overview(origins, output));
  if (!flags.check) await output.talk(output.style.dim(told));
  for (const warning of warnings) {
    await output.talk(`${output.style.yellow("note")}: ${warning}`);
  }
}

const shown = (value: unknown): string => (value === undefined ? "–" : JSON.stringify(value));

function overview(origins: readonly SettingOrigin[], { columns, style }: Output): string {
  const rows = origins.map(({ key, value, origin }) => [key, shown(value), origin]);
  const paint = (cell: string, column: number, row: number): string =>
    column === 0 ? style.bold(cell) : origins[row]?.origin === "default" ? style.dim(cell) : cell;
  return formatTable(rows, { columns, flexible: 1, paint }).join("\n");
}

function explain(origins: readonly SettingOrigin[], { style }: Output): string {
  return origins
    .map(({ key, value, origin, description }) =>
      [
        `${style.bold(key)} = ${shown(value)}  ${style.dim(`(${origin})`)}`,
        `  ${description}`,
      ].join("\n"),
    )
    .join("\n");
}
