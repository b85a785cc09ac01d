/** What may stand where the cursor is, for the completion scripts. @module */

import type { InputCompletion } from "@stricli/core";
import { localCaller } from "../../registry/caller.ts";
import type { Registry } from "../../registry/registry.ts";
import type { CliContext } from "../context.ts";

/**
 * What the registry knows without waiting for a mounted server: the shell waits for the answer
 * while somebody types.
 */
async function ask(
  context: CliContext,
  read: (registry: Registry) => readonly string[],
): Promise<readonly string[]> {
  const { withApp } = await import("../open-app.ts");
  return withApp(context, { json: false }, async ({ registry }) => read(registry));
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
