/** The tool that somebody named on the command line. @module */

import type { App } from "../app-types.ts";
import { InputError } from "../errors.ts";
import { localCaller } from "../registry/caller.ts";
import type { RegisteredTool } from "../registry/registry.ts";
import type { CliContext } from "./context.ts";
import { settleUpstreams } from "./open-app.ts";

/**
 * Find a tool. Mounted servers are waited for only when the name is not known without them, so that
 * calling a built-in tool stays fast.
 */
export async function resolveTool(
  context: CliContext,
  app: App,
  name: string,
  category: string | undefined,
): Promise<RegisteredTool> {
  try {
    return await app.registry.resolve(name, localCaller, category);
  } catch (error) {
    const mayCome = error instanceof InputError && error.code.startsWith("unknown_");
    if (!mayCome) throw error;
    await settleUpstreams(context, app);
    return await app.registry.resolve(name, localCaller, category);
  }
}
