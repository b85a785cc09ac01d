/** Where a configuration file may be. @module */

import { absolutePath, homeOf, joinPath } from "./paths.ts";

/** What is known before any configuration is read. */
export interface ConfigPlace {
  readonly workingFolder: string;
  readonly environment: Readonly<Record<string, string>>;
}

const NAMES = ["mcpp.yaml", "mcpp.yml", "mcpp.json"] as const;

/** The folder of this user's configuration files, where the environment names one. */
function configHome(environment: ConfigPlace["environment"]): string | undefined {
  const home = homeOf(environment);
  return (
    environment.XDG_CONFIG_HOME ??
    environment.APPDATA ??
    (home === undefined ? undefined : joinPath(home, ".config"))
  );
}

/** The file that `--config` or `MCPP_CONFIG` names; it must exist. */
export function namedConfigFile(
  { workingFolder, environment }: ConfigPlace,
  flag: string | undefined,
): string | undefined {
  const named = flag ?? (environment.MCPP_CONFIG || undefined);
  return named === undefined ? undefined : absolutePath(named, workingFolder, homeOf(environment));
}

/** The user's own file, read when none is named; it is fine that there is none. */
export function usualConfigFile({ environment }: ConfigPlace): string | undefined {
  const home = configHome(environment);
  return home === undefined ? undefined : joinPath(home, "mcplusplus/config.yaml");
}

/**
 * Files of the working folder that look like a configuration. They are never read unless they are
 * named: a configuration starts programs, and a folder may have come from anywhere.
 */
export function temptingConfigFiles({ workingFolder }: ConfigPlace): readonly string[] {
  return NAMES.map((name) => joinPath(workingFolder, name));
}
