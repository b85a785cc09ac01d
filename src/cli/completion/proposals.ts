/** What may stand where the cursor is, for the completion scripts. @module */

import type { InputCompletion } from "@stricli/core";
import type { Config } from "../../config/config.ts";
import type { LoadedConfig } from "../../config/load.ts";
import { localCaller } from "../../registry/caller.ts";
import type { Registry } from "../../registry/registry.ts";
import type { CliContext } from "../context.ts";

/**
 * What the registry knows by itself: the shell waits for the answer while somebody types. A
 * folder's file may name any server, and pressing Tab in that folder is no consent to start it;
 * tools of servers that were seen before are remembered.
 */
async function ask(
  context: CliContext,
  read: (registry: Registry) => readonly string[],
): Promise<readonly string[]> {
  const { openApp, withoutServers } = await import("../open-app.ts");
  const adapt = ({ config }: LoadedConfig): Config => withoutServers(config);
  await using app = await openApp(context, { json: false }, adapt);
  return read(app.registry);
}

/** Names of tools that begin with `partial`; once a category is typed, with it in front. */
export function proposeTools(this: CliContext, partial: string): Promise<readonly string[]> {
  return ask(this, (registry) => {
    const names = registry.categories(localCaller).flatMap(({ name: category }) => {
      const own = registry.category(category)?.toolNames ?? [];
      return partial.includes("/") ? own.map((tool) => `${category}/${tool}`) : own;
    });
    return names.filter((name) => name.startsWith(partial)).sort();
  });
}

/** Names of categories that begin with `partial`. */
export function proposeCategories(this: CliContext, partial: string): Promise<readonly string[]> {
  return ask(this, (registry) =>
    registry
      .categories(localCaller)
      .map(({ name }) => name)
      .filter((name) => name.startsWith(partial)),
  );
}

/** Proposals as the scripts read them: a line each, the explanation after a tab. */
export function formatProposals(proposals: readonly InputCompletion[]): string {
  return proposals
    .map(({ completion, brief }) => `${completion}\t${brief.replaceAll(/\s+/g, " ")}\n`)
    .join("");
}
