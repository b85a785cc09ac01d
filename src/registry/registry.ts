/**
 * All tools by name: categories loaded on first use, clashes resolved, wrong names explained.
 *
 * @module
 */

import type { InputError } from "../errors.ts";
import type { Caller } from "./caller.ts";
import type { Availability, Category } from "./category.ts";
import type { Tool } from "./definition.ts";
import { type ChoosePeer, NameBook } from "./name-book.ts";
import { ambiguousTool, unknownCategory, unknownTool } from "./unknown.ts";
import { isToldWhy, mayName, seesCategory, seesTool } from "./visibility.ts";

/** A tool together with where it comes from and the name under which clients see it. */
export interface RegisteredTool {
  /** Unique over the registry; differs from `tool.name` only where names clash. */
  readonly name: string;
  readonly category: string;
  readonly tool: Tool;
}

/** A category as lists show it. */
export interface CategoryInfo {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly source: Category["source"];
  readonly runtime: Category["runtime"];
  readonly toolCount: number;
  readonly availability: Availability;
}

/** Tools in categories. Lists hold only what the caller's grant lets it see, in a fixed order. */
export interface Registry {
  /** Counts up with every change of the set of tools; what is derived from it is stale then. */
  readonly version: number;
  /** Add a category, or replace the one of that name. */
  put(category: Category): void;
  remove(name: string): void;
  category(name: string): Category | undefined;
  categories(caller: Caller): readonly CategoryInfo[];
  /** The tool, if it is loaded and visible: the fast path of every call. */
  loaded(name: string, caller: Caller): RegisteredTool | undefined;
  /** The tool, loading its category if need be; throws `unknown_tool` with the nearest names. */
  resolve(name: string, caller: Caller, category?: string): Promise<RegisteredTool>;
  /** Every visible tool, or those of one category; throws `unknown_category`. */
  list(caller: Caller, category?: string): Promise<readonly RegisteredTool[]>;
  /** Call `listener` after every change; returns the stop function. */
  onChange(listener: (category: Category) => void): () => void;
}

interface Entry {
  readonly category: Category;
  tools?: ReadonlyMap<string, Tool>;
  loading?: Promise<ReadonlyMap<string, Tool>>;
}

/** An empty registry; no tool of a category will be exposed under a `reserved` name. */
export function createRegistry(
  reserved: ReadonlySet<string> = new Set(),
  choosePeer: ChoosePeer = () => undefined,
): Registry {
  return new CategoryRegistry(reserved, choosePeer);
}

class CategoryRegistry implements Registry {
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<(category: Category) => void>();
  readonly #names: NameBook;
  readonly #choosePeer: ChoosePeer;
  readonly #ready = new Map<string, RegisteredTool>();
  version = 0;

  constructor(reserved: ReadonlySet<string>, choosePeer: ChoosePeer) {
    this.#names = new NameBook(reserved);
    this.#choosePeer = choosePeer;
  }

  put(category: Category): void {
    this.#entries.set(category.name, { category });
    this.#changed(category);
  }

  remove(name: string): void {
    const removed = this.#entries.get(name);
    if (!removed) return;
    this.#entries.delete(name);
    this.#changed(removed.category);
  }

  #changed(changed: Category): void {
    this.version += 1;
    this.#ready.clear();
    this.#names.rebuild([...this.#entries.values()].map(({ category }) => category));
    for (const listener of this.#listeners) listener(changed);
  }

  category(name: string): Category | undefined {
    return this.#entries.get(name)?.category;
  }

  categories(caller: Caller): readonly CategoryInfo[] {
    return [...this.#entries.values()]
      .filter(({ category }) => seesCategory(caller, category.name))
      .map((entry) => this.#info(entry, caller));
  }

  #info({ category, tools }: Entry, caller: Caller): CategoryInfo {
    const { name, title, description, source, runtime, toolNames } = category;
    const availability = category.availability?.() ?? { available: true };
    // A built-in category that is unavailable has no tools; a mounted one has those of its catalog.
    const known = availability.available || source !== "builtin" ? toolNames.length : 0;
    const toolCount = tools
      ? [...tools.values()].filter((tool) => seesTool(caller, name, tool)).length
      : known;
    return { name, title, description, source, runtime, toolCount, availability };
  }

  loaded(name: string, caller: Caller): RegisteredTool | undefined {
    const found = this.#ready.get(name);
    return found && seesTool(caller, found.category, found.tool) ? found : undefined;
  }

  async resolve(name: string, caller: Caller, category?: string): Promise<RegisteredTool> {
    const exposed = this.#exposedName(name, caller, category);
    const known = exposed === undefined ? undefined : this.#names.get(exposed);
    if (exposed === undefined || !known || !seesCategory(caller, known.category)) {
      throw this.#unknown(name, caller, category);
    }
    const tool = (await this.#load(known.category)).get(known.own);
    if (!tool || !(seesTool(caller, known.category, tool) || isToldWhy(caller))) {
      throw this.#unknown(name, caller, category);
    }
    return this.#remember(exposed, known.category, tool);
  }

  #remember(name: string, category: string, tool: Tool): RegisteredTool {
    const known = this.#ready.get(name);
    if (known?.tool === tool) return known;
    const registered = { name, category, tool };
    // Its category may have been replaced or removed while it was loading.
    const isCurrent = this.#entries.get(category)?.tools?.get(tool.name) === tool;
    if (isCurrent) this.#ready.set(name, registered);
    return registered;
  }

  /** The exposed name for `tool`, an alias of it, `category/tool`, or `tool` beside its category. */
  #exposedName(name: string, caller: Caller, category?: string): string | undefined {
    if (category !== undefined) return this.#exposedIn(category, name, caller);
    const known = this.#names.exposed(name);
    if (known !== undefined) return known;
    const slash = name.indexOf("/");
    const prefix = name.slice(0, Math.max(slash, 0));
    if (this.#entries.has(prefix) && seesCategory(caller, prefix)) {
      return this.#exposedIn(prefix, name.slice(slash + 1), caller);
    }
    return this.#exposedAtPeer(name, caller);
  }

  #exposedIn(category: string, name: string, caller: Caller): string | undefined {
    this.#assertCategory(category, caller);
    return this.#names.exposedIn(category, name);
  }

  /** A tool that several peers have, and nobody else: whichever of them is best just now. */
  #exposedAtPeer(name: string, caller: Caller): string | undefined {
    const homes = this.#names.homesOf(name).filter((home) => seesCategory(caller, home));
    const isAtPeers = homes.every((home) => this.category(home)?.source === "peer");
    const best = isAtPeers ? this.#choosePeer(name, homes) : undefined;
    return best === undefined ? undefined : this.#names.exposedIn(best, name);
  }

  async list(caller: Caller, category?: string): Promise<readonly RegisteredTool[]> {
    if (category !== undefined) this.#assertCategory(category, caller);
    const wanted = [...this.#entries.keys()].filter(
      (name) => seesCategory(caller, name) && (category === undefined || name === category),
    );
    const loaded = await this.#loadAll(wanted, category !== undefined);
    const listed: RegisteredTool[] = [];
    for (const [exposed, { category: from, own }] of this.#names.all) {
      const tool = loaded.get(from)?.get(own);
      if (tool && seesTool(caller, from, tool)) listed.push(this.#remember(exposed, from, tool));
    }
    return listed;
  }

  /** Tools by category. One that cannot be loaded must not hide the others, unless it was asked for. */
  async #loadAll(
    names: readonly string[],
    isStrict: boolean,
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, Tool>>> {
    const outcomes = await Promise.allSettled(names.map((name) => this.#load(name)));
    const loaded = new Map<string, ReadonlyMap<string, Tool>>();
    for (const [at, outcome] of outcomes.entries()) {
      const name = names[at];
      if (outcome.status === "fulfilled" && name !== undefined) loaded.set(name, outcome.value);
      else if (outcome.status === "rejected" && isStrict) throw outcome.reason;
    }
    return loaded;
  }

  #load(name: string): Promise<ReadonlyMap<string, Tool>> {
    const entry = this.#entries.get(name);
    if (!entry) return Promise.resolve(new Map());
    entry.loading ??= entry.category.load().then(
      (tools) => {
        entry.tools = new Map(tools.map((tool) => [tool.name, tool]));
        return entry.tools;
      },
      (cause: unknown) => {
        delete entry.loading;
        throw cause;
      },
    );
    return entry.loading;
  }

  onChange(listener: (category: Category) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #unknown(name: string, caller: Caller, category?: string): InputError {
    const visible = [...this.#names.all].filter(([, { category: from, own }]) =>
      mayName(caller, from, this.#entries.get(from)?.tools?.get(own)),
    );
    const homes = visible
      .filter(([exposed, { own }]) => own === name && exposed !== name)
      .map(([exposed]) => exposed);
    if (homes.length > 0) return ambiguousTool(name, homes, category);
    const pool = visible.filter(([, { category: from }]) => !category || from === category);
    const names = pool.map(([exposed]) => exposed);
    return unknownTool(name, names, category);
  }

  #assertCategory(name: string, caller: Caller): void {
    if (this.#entries.has(name) && seesCategory(caller, name)) return;
    const names = this.categories(caller).map((category) => category.name);
    throw unknownCategory(name, names);
  }
}
