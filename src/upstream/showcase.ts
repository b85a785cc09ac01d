/**
 * What the registry shows of a mounted server: its catalog as tools and a category, and whether
 * the tools are still what was approved.
 *
 * @module
 */

import type { McpServerConfig } from "../config/mcp-servers.ts";
import type { Category } from "../registry/category.ts";
import type { Tool } from "../registry/definition.ts";
import type { Offer } from "../registry/offer.ts";
import type { Registry } from "../registry/registry.ts";
import type { Store } from "../storage/store.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { Catalog, Listed } from "./catalog.ts";
import { paramHeaderFault } from "./param-headers.ts";
import {
  approveTools,
  assertPinned,
  type PinBook,
  type PinMode,
  pinWarning,
  readPins,
  reviewTools,
  writePins,
} from "./pins.ts";
import { createProxyTool, isMounted, nameOf } from "./proxy-tool.ts";
import { cleanText, cut, type Stripped } from "./sanitize.ts";
import type { ToolCalls } from "./tool-calls.ts";

/** What a showcase needs. */
export interface ShowcaseNeeds {
  readonly name: string;
  readonly category: string;
  readonly config: McpServerConfig;
  readonly store: Store;
  readonly registry: Pick<Registry, "put">;
  readonly catalog: Pick<Catalog, "data">;
  readonly calls: Pick<ToolCalls, "call">;
  readonly offer: Offer;
  readonly pins: PinMode;
  readonly timeoutMs: number;
  readonly stripped: Stripped;
  readonly availability: NonNullable<Category["availability"]>;
  readonly changed: () => void;
  /** Aborted when the server is unmounted: another may have its category then. */
  readonly unmounted: AbortSignal;
}

const MAX_TITLE = 100;
const MAX_DESCRIPTION = 300;

/** Keeps the registry's category of one server in step with its catalog. */
export class Showcase {
  readonly #needs: ShowcaseNeeds;
  #pins: PinBook | undefined;
  #toolCount = 0;
  #faults: string[] = [];
  #shown = "";
  #turn: Promise<unknown> = Promise.resolve();

  constructor(needs: ShowcaseNeeds) {
    this.#needs = needs;
  }

  get toolCount(): number {
    return this.#toolCount;
  }
  /** What a person should look at. */
  get warnings(): readonly string[] {
    const pins = pinWarning(this.#pins);
    return pins === undefined ? this.#faults : [pins, ...this.#faults];
  }

  /** Show what is remembered. */
  async open(): Promise<void> {
    this.#pins = await readPins(this.#needs.store, this.#needs.name);
    await this.publish();
  }

  /** One change of the book at a time: each begins with what the one before left. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  /** Put what the catalog holds into the registry, unless it is there already. */
  publish(): Promise<void> {
    return this.#inTurn(() => this.#publish());
  }

  async #publish(): Promise<void> {
    const { catalog, config, registry, changed } = this.#needs;
    const { data } = catalog;
    const mounted = (data?.tools ?? []).filter((tool) => {
      const name = nameOf(tool);
      return name !== undefined && isMounted(name, config.tools);
    });
    const listed = data?.era === "modern" ? this.#withoutFaulty(mounted) : mounted;
    const isReviewed = data !== undefined && (await this.#review(listed));
    const { server, tools, prompts, resources, templates } = data ?? {};
    const shown = canonicalJson({ server, tools, prompts, resources, templates });
    if (this.#needs.unmounted.aborted) return;
    if (shown !== this.#shown) {
      this.#shown = shown;
      const proxies = listed.map((tool) => this.#proxy(tool));
      this.#toolCount = proxies.length;
      registry.put(this.#category(proxies));
      changed();
    }
    // Last, so that a full disk costs the memory of the tools but not the tools.
    if (isReviewed && this.#pins) await writePins(this.#needs.store, this.#needs.name, this.#pins);
  }

  /** Tools whose parameters cannot be sent as the headers that they ask for are not shown. */
  #withoutFaulty(tools: readonly Listed[]): readonly Listed[] {
    this.#faults = [];
    if (this.#needs.config.type !== "http") return tools;
    return tools.filter((tool) => {
      const fault = paramHeaderFault(tool.inputSchema);
      if (fault === undefined) return true;
      this.#faults.push(cut(`${nameOf(tool)} is left out: ${fault}`, MAX_DESCRIPTION));
      return false;
    });
  }

  /** Whether that changed what is to be kept. */
  async #review(listed: readonly Listed[]): Promise<boolean> {
    const { pins, config } = this.#needs;
    if (pins === "off") return false;
    const before = this.#pins;
    this.#pins = reviewTools(before, listed, config.pins);
    return canonicalJson([...this.#pins]) !== canonicalJson([...(before ?? [])]);
  }

  #proxy(listed: Listed): Tool {
    const { name: upstream, config, calls, pins, timeoutMs, stripped } = this.#needs;
    const name = nameOf(listed) ?? "";
    const override = { ...config.overrides?.["*"], ...config.overrides?.[name] };
    const admit = (): void => {
      if (pins === "enforce") assertPinned(upstream, name, this.#pins?.get(String(listed.name)));
    };
    return createProxyTool(listed, { upstream, calls, override, timeoutMs, stripped, admit });
  }

  #category(tools: readonly Tool[]): Category {
    const { name, category, config, catalog, offer, availability, stripped } = this.#needs;
    const { data } = catalog;
    const line = (text: string, max: number): string =>
      cut(cleanText(text, stripped).replaceAll(/\s+/g, " ").trim(), max);
    const about = config.description ?? data?.instructions ?? `Tools of ${data?.server ?? name}`;
    return {
      name: category,
      title: line(config.title ?? data?.title ?? name, MAX_TITLE),
      description: line(about, MAX_DESCRIPTION),
      source: "upstream",
      runtime: "local",
      toolNames: tools.map((tool) => tool.name),
      availability,
      load: () => Promise.resolve(tools),
      offer,
    };
  }

  /** Trust what is offered now, of one tool or of all. */
  approve(tool?: string): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#pins) return;
      this.#pins = approveTools(this.#pins, tool);
      await writePins(this.#needs.store, this.#needs.name, this.#pins);
    });
  }
}
