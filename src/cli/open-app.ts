/** An app for the length of a command. @module */

import type { App, AppPlace } from "../app-types.ts";
import type { Config, SettingKey } from "../config/config.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { CliContext, CreateAppOptions } from "./context.ts";
import type { AppFlags } from "./flags.ts";
import { type ConfigAccess, openConfig } from "./open-config.ts";
import { unlessStopped } from "./stop-requested.ts";

/** The configuration that the flags describe, and how to read it again. */
export interface ReadConfig {
  readonly access: ConfigAccess;
  readonly loaded: LoadedConfig;
}

/** Read the configuration, and tell of what is odd in it. */
export async function readConfig(
  { host, output }: CliContext,
  flags: AppFlags,
): Promise<ReadConfig> {
  const access = await openConfig(host, flags);
  const loaded = await access.load();
  for (const warning of loaded.warnings) {
    await output.talk(`${output.style.yellow("note")}: ${warning}`);
  }
  return { access, loaded };
}

/** Make an app of it. */
export function appOf(
  { host, needs }: CliContext,
  { access, loaded }: ReadConfig,
  place: AppPlace & Pick<CreateAppOptions, "isBare"> = {},
): Promise<App> {
  const reload = (): Promise<LoadedConfig> => access.load();
  return needs.createApp({ host, ...loaded, reload, ...place });
}

/** Make the app that the flags describe; the caller stops it. */
export async function openApp(
  context: CliContext,
  flags: AppFlags,
  adapt: (loaded: LoadedConfig) => Config = ({ config }) => config,
): Promise<App> {
  const { access, loaded } = await readConfig(context, flags);
  return appOf(context, { access, loaded: { ...loaded, config: adapt(loaded) } });
}

/** Who runs one command sees its result; log lines beside it are for those who asked for them. */
export function withoutLog({ config, origins }: LoadedConfig): Config {
  const isAsked = (key: SettingKey): boolean =>
    origins.some((setting) => setting.key === key && setting.origin !== "default");
  const { level, audit } = config.log;
  return {
    ...config,
    log: {
      level: isAsked("log.level") ? level : "error",
      audit: isAsked("log.audit") && audit,
    },
  };
}

/** A configuration that starts no program and calls no address. */
export function withoutServers(config: Config): Config {
  const servers = Object.entries(config.mcpServers);
  const mcpServers = Object.fromEntries(
    servers.map(([name, server]) => [name, { ...server, disabled: true }]),
  );
  return { ...config, mcpServers };
}

/** Use an app for one command and stop it, whatever happens. */
export async function withApp<T>(
  context: CliContext,
  flags: AppFlags,
  use: (app: App) => Promise<T>,
): Promise<T> {
  // Asking for the signal takes Ctrl-C over: mounted servers run in process groups of their own and
  // would not hear it, so the app must get the chance to end them.
  await unlessStopped(context.host, Promise.resolve());
  await using app = await openApp(context, flags, withoutLog);
  return await use(app);
}

/** Wait for mounted servers to start, with a line that says so while a person waits. */
export async function settleUpstreams({ host, output }: CliContext, app: App): Promise<void> {
  const settled = unlessStopped(host, app.upstreams.settled());
  const starting = app.upstreams.status().filter(({ state }) => state === "starting");
  if (!output.isInteractive || starting.length === 0) return settled;
  const names = starting.map(({ name }) => name).join(", ");
  await output.raw(output.style.dim(`starting ${names} …`));
  await settled.finally(() => output.raw("\r\u001b[K"));
}
