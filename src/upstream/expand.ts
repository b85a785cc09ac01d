/**
 * `${NAME}` in a server's configuration, filled in from the environment.
 *
 * Understood: `${NAME}`, VS Code's `${env:NAME}`, `${NAME:-default}`, `${workspaceFolder}` and
 * `${userHome}`.
 *
 * @module
 */

import type {
  HttpServerConfig,
  McpServerConfig,
  OAuthConfig,
  StdioServerConfig,
} from "../config/mcp-servers.ts";
import { InputError } from "../errors.ts";

/** Where the values come from. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string>>;
  readonly workingFolder: string;
}

type Fill = (text: string) => string;

function lookUp(name: string, { environment, workingFolder }: Surroundings): string | undefined {
  if (name === "workspaceFolder") return workingFolder;
  if (name === "userHome") return environment.HOME ?? environment.USERPROFILE;
  const variable = name.startsWith("env:") ? name.slice(4) : name;
  return Object.hasOwn(environment, variable) ? environment[variable] : undefined;
}

function fillWith(server: string, surroundings: Surroundings): Fill {
  return (text) =>
    text.replaceAll(/\$\{([^}]*)\}/g, (_whole, inner: string) => {
      const at = inner.indexOf(":-");
      const name = at < 0 ? inner : inner.slice(0, at);
      if (name.startsWith("input:")) {
        throw new InputError(
          "invalid_config",
          `mcpServers.${server} asks with \${${name}}, which only an editor can; use \${env:NAME} and set the variable`,
          { data: { upstream: server } },
        );
      }
      const value = lookUp(name, surroundings) ?? (at < 0 ? undefined : inner.slice(at + 2));
      if (value !== undefined) return value;
      const variable = name.replace(/^env:/, "");
      throw new InputError(
        "invalid_config",
        `mcpServers.${server} needs the environment variable ${variable}, which is not set; set it, or write \${${variable}:-default}`,
        { data: { upstream: server, variable } },
      );
    });
}

function fillValues(
  values: Readonly<Record<string, string>> | undefined,
  fill: Fill,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values ?? {}).map(([name, value]) => [name, fill(value)]),
  );
}

function fillStdio(config: StdioServerConfig, fill: Fill): StdioServerConfig {
  return {
    ...config,
    command: fill(config.command),
    args: (config.args ?? []).map(fill),
    env: fillValues(config.env, fill),
    ...(config.cwd !== undefined && { cwd: fill(config.cwd) }),
  };
}

function fillHttp(config: HttpServerConfig, fill: Fill): HttpServerConfig {
  const { url, headers, oauth } = config;
  return {
    ...config,
    url: fill(url),
    headers: fillValues(headers, fill),
    ...(oauth && { oauth: mapValues(oauth, fill) }),
  };
}

function mapValues(oauth: OAuthConfig, fill: Fill): OAuthConfig {
  return Object.fromEntries(
    Object.entries(oauth).map(([name, value]) => [name, value === undefined ? value : fill(value)]),
  );
}

/** The configuration of a server as it is used; throws `invalid_config` naming what is missing. */
export function expandServer(
  name: string,
  config: McpServerConfig,
  surroundings: Surroundings,
): McpServerConfig {
  const fill = fillWith(name, surroundings);
  return config.type === "stdio" ? fillStdio(config, fill) : fillHttp(config, fill);
}

/**
 * What a mounted program sees of our environment unless `inheritEnv` names more: where programs
 * and homes are, and how text looks. Never tokens and keys.
 */
export const INHERITED_VARIABLES: readonly string[] = [
  ...["PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG", "LC_ALL", "LC_CTYPE", "TZ"],
  ...["TMPDIR", "TMP", "TEMP", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"],
  ...["SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "APPDATA", "LOCALAPPDATA"],
  ...["PROGRAMDATA", "PROGRAMFILES", "PROGRAMFILES(X86)", "USERPROFILE", "USERNAME"],
  ...["HOMEDRIVE", "HOMEPATH", "Path", "SystemRoot"],
];

/** The whole environment of a mounted program. */
export function childEnvironment(
  config: StdioServerConfig,
  environment: Readonly<Record<string, string>>,
): Record<string, string> {
  const names = [...INHERITED_VARIABLES, ...(config.inheritEnv ?? [])];
  const inherited = names.flatMap((name) => {
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    // "()" begins an exported shell function, which a child shell would run (Shellshock).
    return value === undefined || value.startsWith("()") ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(inherited), ...config.env };
}
