/** Which name leads to which tool, while categories come and go. @module */

import type { Category } from "./category.ts";
import { exposeNames, type NameTarget } from "./names.ts";

/** The best of several peers' categories that have a tool of this name. */
export type ChoosePeer = (tool: string, categories: readonly string[]) => string | undefined;

/** Exposed names, aliases of them, and the names that tools have in their categories. */
export class NameBook {
  readonly #reserved: ReadonlySet<string>;
  #aliases: ReadonlyMap<string, string> = new Map();
  #targets: ReadonlyMap<string, NameTarget> = new Map();

  constructor(reserved: ReadonlySet<string>) {
    this.#reserved = reserved;
  }

  /** Every exposed name with its category and own name, in the order of lists. */
  get all(): ReadonlyMap<string, NameTarget> {
    return this.#targets;
  }

  rebuild(categories: readonly Category[]): void {
    this.#targets = exposeNames(categories, this.#reserved);
    this.#aliases = new Map(categories.flatMap(({ aliases = {} }) => Object.entries(aliases)));
  }

  get(exposed: string): NameTarget | undefined {
    return this.#targets.get(exposed);
  }

  /** `name` itself, or what it is an alias of. */
  exposed(name: string): string | undefined {
    if (this.#targets.has(name)) return name;
    const target = this.#aliases.get(name);
    return target !== undefined && this.#targets.has(target) ? target : undefined;
  }

  /** The exposed name of a category's tool. */
  exposedIn(category: string, name: string): string | undefined {
    for (const [exposed, target] of this.#targets) {
      if (target.category === category && (target.own === name || exposed === name)) return exposed;
    }
    return undefined;
  }

  /** The categories that have a tool of this name of their own. */
  homesOf(name: string): readonly string[] {
    return [...this.#targets.values()].flatMap(({ category, own }) =>
      own === name ? [category] : [],
    );
  }
}
