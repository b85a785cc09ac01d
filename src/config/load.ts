/**
 * Defaults < file < environment < program < flags → one checked configuration that knows where each value came from.
 *
 * Reads nothing itself: the text of the file and the environment are handed in.
 *
 * @module
 */

import type { SettingOrigin } from "../registry/context.ts";
import { checkConfig } from "./checks.ts";
import type { Config, SettingKey } from "./config.ts";
import { settingIn } from "./diff.ts";
import { parseFile } from "./file-tree.ts";
import { absolutePath, homeOf, joinPath } from "./paths.ts";
import { configError } from "./problems.ts";
import { settingKeys, settingOf, settings } from "./schema.ts";
import {
  type FlagValue,
  type Found,
  type Reading,
  readEnvironment,
  readFile,
  readFlags,
  readGiven,
} from "./sources.ts";

export type { FlagValue } from "./sources.ts";

/** Everything that a configuration is made of. */
export interface ConfigSources {
  readonly file?: { readonly path: string; readonly text: string } | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** Settings by name from the program around the server, as a file would hold them. */
  readonly given?: object | undefined;
  readonly flags: readonly FlagValue[];
  readonly dataHome: string;
  readonly workingFolder: string;
}

/** A checked configuration. */
export interface LoadedConfig {
  readonly config: Config;
  /** Every setting, with secrets hidden. */
  readonly origins: readonly SettingOrigin[];
  /** What is allowed but may not be meant. */
  readonly warnings: readonly string[];
}

/** Put the sources together; throws `invalid_config` with every fault there is. */
export async function loadConfig(sources: ConfigSources): Promise<LoadedConfig> {
  const { file, environment, given, flags, workingFolder } = sources;
  const reading: Reading = { found: new Map(), problems: [] };
  const { found, problems } = reading;
  if (file) readFile(await parseFile(file.path, file.text), reading);
  const strangers = readEnvironment(environment, workingFolder, reading);
  if (given) readGiven(given, workingFolder, reading);
  readFlags(flags, workingFolder, reading);
  if (problems.length > 0) throw configError(problems);
  const config = assemble(found, sources);
  const findings = checkConfig(config);
  if (findings.clashes.length > 0) {
    throw configError(
      findings.clashes.map(({ key, message }) => ({
        where: found.get(key)?.where ?? "",
        path: key,
        message,
      })),
    );
  }
  return {
    config,
    origins: originsOf(config, found),
    warnings: [...strangers, ...findings.warnings],
  };
}

function assemble(found: Reading["found"], { environment, dataHome }: ConfigSources): Config {
  const config: Record<string, unknown> = {};
  for (const key of settingKeys) {
    const hit = found.get(key);
    const [section = key, name] = key.split(".");
    const value = hit ? resolvePaths(key, hit, homeOf(environment)) : settingOf(key).default;
    if (name === undefined) config[section] = value;
    else config[section] = { ...(config[section] as object | undefined), [name]: value };
  }
  // The compiler holds the table against Config, and every value passed its row's schema.
  const raw = config as unknown as Config;
  const isOpen = raw.auth.keys.length === 0 && raw.auth.jwt === undefined;
  return {
    ...raw,
    dataDir: raw.dataDir ?? joinPath(dataHome, "mcplusplus"),
    auth: { ...raw.auth, anonymous: raw.auth.anonymous ?? isOpen },
  };
}

function resolvePaths(
  key: SettingKey,
  { value, folder }: Found,
  home: string | undefined,
): unknown {
  if (!settings[key].isPath) return value;
  const resolve = (path: unknown): string => absolutePath(String(path), folder, home);
  return Array.isArray(value) ? value.map(resolve) : resolve(value);
}

function originsOf(config: Config, found: Reading["found"]): readonly SettingOrigin[] {
  return settingKeys.map((key) => ({
    key,
    value: hidden(settingIn(config, key), settingOf(key).secrets ?? []),
    origin: found.get(key)?.origin ?? "default",
    description: settingOf(key).description,
  }));
}

/** The value without what stands in its secret fields. */
function hidden(value: unknown, secrets: readonly string[]): unknown {
  if (secrets.includes("*") && value !== undefined) return "(hidden)";
  if (secrets.length === 0 || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => hidden(item, secrets));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      secrets.includes(key) ? "(hidden)" : hidden(inner, secrets),
    ]),
  );
}
