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

/** Where to look when none is named, best first; it is fine that none exists. */
export function usualConfigFiles({ workingFolder, environment }: ConfigPlace): readonly string[] {
  const home = configHome(environment);
  return [
    ...NAMES.map((name) => joinPath(workingFolder, name)),
    ...(home === undefined ? [] : [joinPath(home, "mcplusplus/config.yaml")]),
  ];
}
