/** From flags to a checked configuration: finds the file, reads it, hands all sources over. @module */

import { namedConfigFile, temptingConfigFiles, usualConfigFile } from "../config/find-file.ts";
import { type FlagValue, type LoadedConfig, loadConfig } from "../config/load.ts";
import { settingKeys, settingOf } from "../config/schema.ts";
import { InputError, messageOf } from "../errors.ts";
import type { Host } from "../host.ts";
import type { AppFlags } from "./flags.ts";

/** A configuration that can be read again. */
export interface ConfigAccess {
  /** The file, where there is one. */
  readonly path: string | undefined;
  load(): Promise<LoadedConfig>;
}

/** `--data-dir` → the value that stricli keeps as `dataDir`. */
function valueOfFlag(flags: AppFlags, flag: string): string | readonly string[] | undefined {
  const name = flag.slice(2).replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const value: unknown = flags[name as keyof AppFlags];
  if (value === undefined || value === false) return undefined;
  if (Array.isArray(value)) return value.length > 0 ? value.map(String) : undefined;
  return String(value);
}

/** The settings that the flags name. */
export function flagValuesOf(flags: AppFlags): readonly FlagValue[] {
  const own = settingKeys.flatMap((key): readonly FlagValue[] => {
    const { flag } = settingOf(key);
    const text = flag === undefined ? undefined : valueOfFlag(flags, flag);
    return flag === undefined || text === undefined ? [] : [{ key, text, flag }];
  });
  const any = (flags.set ?? []).map((pair): FlagValue => {
    const at = pair.indexOf("=");
    if (at < 1) {
      throw new InputError(
        "invalid_input",
        `--set takes key=value, such as --set log.level=debug, and got "${pair}"`,
      );
    }
    return { key: pair.slice(0, at), text: pair.slice(at + 1), flag: `--set ${pair.slice(0, at)}` };
  });
  return [...own, ...any];
}

/** The file to read, and what a person may wonder about. */
interface FoundFile {
  readonly path: string | undefined;
  readonly warnings: readonly string[];
}

async function findFile(host: Host, named: string | undefined): Promise<FoundFile> {
  const place = { workingFolder: host.workingFolder, environment: host.environment() };
  const isFile = async (path: string): Promise<boolean> =>
    (await host.files.stat(path))?.kind === "file";
  const wanted = namedConfigFile(place, named);
  if (wanted !== undefined) {
    if (await isFile(wanted)) return { path: wanted, warnings: [] };
    const told = named === undefined ? "MCPP_CONFIG names" : "--config names";
    throw new InputError("invalid_config", `${told} the file ${wanted}, which does not exist`, {
      data: { path: wanted },
    });
  }
  const usual = usualConfigFile(place);
  const path = usual !== undefined && (await isFile(usual)) ? usual : undefined;
  for (const unread of temptingConfigFiles(place)) {
    if (!(await isFile(unread))) continue;
    const warning = `${unread} is not read, because a configuration starts programs; use it with --config ${unread}`;
    return { path, warnings: [warning] };
  }
  return { path, warnings: [] };
}

async function readFile(host: Host, path: string): Promise<string> {
  try {
    return await new Response(await host.files.read(path)).text();
  } catch (cause) {
    const message = `The configuration file ${path} cannot be read: ${messageOf(cause)}`;
    throw new InputError("invalid_config", message, { cause, data: { path } });
  }
}

/** Find the configuration that the flags or the user's own file hold. */
export async function openConfig(host: Host, flags: AppFlags): Promise<ConfigAccess> {
  const { path, warnings } = await findFile(host, flags.config);
  const values = flagValuesOf(flags);
  return {
    path,
    async load() {
      const file = path === undefined ? undefined : { path, text: await readFile(host, path) };
      const loaded = await loadConfig({
        file,
        environment: host.environment(),
        flags: values,
        dataHome: host.dataHome,
        workingFolder: host.workingFolder,
      });
      return { ...loaded, warnings: [...warnings, ...loaded.warnings] };
    },
  };
}
