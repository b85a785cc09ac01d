/** An app for the length of one command. @module */

import type { App } from "../app-types.ts";
import type { CliContext } from "./context.ts";
import type { AppFlags } from "./flags.ts";
import { type ConfigAccess, openConfig } from "./open-config.ts";

/** An app and the configuration it was made of. */
export interface OpenedApp {
  readonly app: App;
  readonly access: ConfigAccess;
}

/** Make the app that the flags describe; the caller stops it. */
export async function openApp(context: CliContext, flags: AppFlags): Promise<OpenedApp> {
  const { host, needs, output } = context;
  const access = await openConfig(host, flags);
  const loaded = await access.load();
  for (const warning of loaded.warnings) {
    await output.talk(`${output.style.yellow("note")}: ${warning}`);
  }
  const app = await needs.createApp({ host, ...loaded, reload: () => access.load() });
  return { app, access };
}

/** Use an app and stop it, whatever happens. */
export async function withApp<T>(
  context: CliContext,
  flags: AppFlags,
  use: (app: App) => Promise<T>,
): Promise<T> {
  const { app } = await openApp(context, flags);
  await using _stopping = app;
  return await use(app);
}

/** Wait for mounted servers to start, with a line that says so while a person waits. */
export async function settleUpstreams({ output }: CliContext, app: App): Promise<void> {
  const starting = app.upstreams.status().filter(({ state }) => state === "starting");
  if (!output.isInteractive || starting.length === 0) return app.upstreams.settled();
  const names = starting.map(({ name }) => name).join(", ");
  await output.raw(output.style.dim(`starting ${names} …`));
  await app.upstreams.settled();
  await output.raw("\r\u001b[K");
}
