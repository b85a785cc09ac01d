/** Applies changes of the configuration file to the running server. @module */

import type { App } from "../app-types.ts";
import type { CliContext } from "./context.ts";
import { errorJson, formatError } from "./report.ts";

/** Follow the file until the returned function is called; a faulty file changes nothing. */
export function followConfig(
  { host, output }: CliContext,
  app: Pick<App, "reload">,
  path: string,
  wantsJson: boolean,
): () => Promise<void> {
  const reload = async (): Promise<void> => {
    try {
      const { changed, needsRestart } = await app.reload();
      if (changed.length === 0) return;
      if (wantsJson) return await output.json({ event: "reloaded", changed, needsRestart });
      const restart =
        needsRestart.length > 0 ? `; after a restart: ${needsRestart.join(", ")}` : "";
      await output.talk(`reloaded ${path}: ${changed.join(", ")}${restart}`);
    } catch (error) {
      await output.talk(wantsJson ? errorJson(error) : formatError(error, output.style));
    }
  };
  let isWaiting = false;
  let last: Promise<void> = Promise.resolve();
  const stop = host.files.watch(path, () => {
    // An editor changes a file several times in a row; whoever waits already reads the last state.
    if (isWaiting) return;
    isWaiting = true;
    last = last.then(() => {
      isWaiting = false;
      return reload();
    });
  });
  return async () => {
    stop();
    await last;
  };
}
