/** `mcpp serve`: MCP and REST over HTTP until the process is asked to end. @module */

import type { App } from "../../app-types.ts";
import type { HttpServer } from "../../host.ts";
import { formatBanner, listeningFacts } from "../banner.ts";
import { closeAll, type Open } from "../closing.ts";
import type { CliContext } from "../context.ts";
import type { AppFlags } from "../flags.ts";
import { followConfig } from "../follow-config.ts";
import { listenEarly, placeOf } from "../listen.ts";
import { appOf, readConfig } from "../open-app.ts";
import { showSettling } from "../settling-lines.ts";
import { stopRequested } from "../stop-requested.ts";

/** `mcpp serve`, and `mcpp` alone. */
export async function serve(this: CliContext, flags: AppFlags): Promise<void> {
  const config = await readConfig(this, flags);
  const { access, loaded } = config;
  const listener = await listenEarly(this.host, loaded.config);
  const { server, answerWith } = listener;
  const opened: Open[] = [{ name: "listener", close: () => server.close() }];
  try {
    const app = await appOf(this, config, placeOf(listener));
    // The last to be closed.
    opened.unshift({ name: "app", close: () => app.stop() });
    answerWith(app.fetch);
    if (access.path !== undefined) {
      const stop = followConfig(this, app, access.path, flags.json);
      opened.push({ name: "watcher of the configuration", close: stop });
    }
    await announce(this, app, server, access.path, flags.json);
    const lines = showSettling(app, this.output, flags.json);
    opened.push({ name: "list of what starts", close: lines.stop });
    await stopRequested(this.host);
    if (flags.json) await this.output.json({ event: "stopping" });
  } finally {
    await closeAll(opened);
  }
}

async function announce(
  { host, needs, output }: CliContext,
  app: App,
  { port }: HttpServer,
  configPath: string | undefined,
  wantsJson: boolean,
): Promise<void> {
  const about = { version: needs.version, port, readyMs: needs.uptimeMs() };
  const facts = listeningFacts(app, host, about, configPath);
  if (wantsJson) await output.json({ event: "listening", ...facts });
  else await output.result(`${formatBanner(facts, output.style, host.environment())}\n`);
}
