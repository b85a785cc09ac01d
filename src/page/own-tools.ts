/** The tools that a page offers, as one category of its registry. @module */

import { InputError } from "../errors.ts";
import { ownCategory } from "../own-tools.ts";
import type { Tool } from "../registry/definition.ts";
import { interfaceCid } from "../registry/interfaces.ts";
import type { Registry } from "../registry/registry.ts";

/** The tools of a page. */
export interface OwnTools {
  /** Throws where the name is taken. */
  offer(tool: Tool): void;
  /** False where there is no such tool. */
  withdraw(name: string): boolean;
  /** CIDs of what is offered; what was offered a moment ago may still be missing. */
  readonly interfaces: readonly string[];
  readonly names: readonly string[];
  /** The category that holds them. */
  readonly category: string;
}

const CATEGORY = "page";

/** No tools yet; `changed` is called when {@link OwnTools.interfaces} are others. */
export function createOwnTools(
  registry: Pick<Registry, "put" | "remove">,
  changed: () => void,
  failed: (error: unknown) => void,
): OwnTools {
  const tools = new Map<string, Tool>();
  let interfaces: readonly string[] = [];
  let version = 0;

  const tell = async (): Promise<void> => {
    version += 1;
    const current = version;
    const cids = await Promise.all([...tools.values()].map(interfaceCid));
    if (current !== version) return;
    interfaces = [...new Set(cids)].sort();
    changed();
  };
  const put = (): void => {
    const all = [...tools.values()];
    if (all.length > 0) registry.put(ownCategory(CATEGORY, all, []));
    else registry.remove(CATEGORY);
    tell().catch(failed);
  };
  return {
    offer(tool) {
      if (tool.isInteractive) throw interactive(tool.name);
      // Throws where two tools would have one name, before anything is changed.
      ownCategory(CATEGORY, [...tools.values(), tool], []);
      tools.set(tool.name, tool);
      put();
    },
    withdraw(name) {
      if (!tools.delete(name)) return false;
      put();
      return true;
    },
    get interfaces() {
      return interfaces;
    },
    get names() {
      return [...tools.keys()];
    },
    category: CATEGORY,
  };
}

function interactive(tool: string): InputError {
  return new InputError(
    "invalid_input",
    `"${tool}" may ask its caller something, which a page cannot pass on: offer it from a server, or without isInteractive`,
    { data: { tool } },
  );
}
