/**
 * Other MCP servers as categories of this one.
 *
 * A server that is broken, slow or gone is that server's status; lists and calls of the others
 * never wait for it.
 *
 * @module
 */

import type { McpServerConfig, McpServersConfig } from "../config/mcp-servers.ts";
import { InputError } from "../errors.ts";
import type { Host } from "../host.ts";
import { nearest } from "../nearest.ts";
import type { UpstreamStatus } from "../registry/context.ts";
import { canonicalJson, hashOf } from "./canonical-json.ts";
import { type Diagnosis, diagnose } from "./diagnose.ts";
import type { Upstream } from "./upstream.ts";
import type { UpstreamNeeds, UpstreamSettings } from "./upstream-needs.ts";

/** What mounting needs. */
export interface UpstreamsNeeds
  extends Pick<UpstreamNeeds, "store" | "clock" | "consent" | "random" | "registry" | "trouble"> {
  /** Without `spawn`, servers that are programs are unavailable and say so. */
  readonly host: Pick<Host, "environment" | "workingFolder"> &
    Partial<Pick<Host, "spawn" | "resolveAddresses">>;
  readonly fetch?: typeof fetch;
}

/** Settings of all mounted servers. */
export interface UpstreamsOptions extends UpstreamSettings {
  readonly maxResultBytes: number;
  /** What servers are told as our version. */
  readonly version: string;
}

/** What a new configuration changed, by name. */
export interface UpstreamChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** The mounted servers. */
export interface Upstreams {
  /** Mount what is new, replace what changed, unmount what is gone; the rest keeps running. */
  apply(config: McpServersConfig): Promise<UpstreamChanges>;
  status(): readonly UpstreamStatus[];
  /** Resolves when every first start has succeeded or failed. */
  settled(): Promise<void>;
  start(name: string): Promise<UpstreamStatus>;
  stop(name: string): Promise<UpstreamStatus>;
  /** Trust the definitions that a server offers now, of one tool or of all. */
  approve(name: string, tool?: string): Promise<UpstreamStatus>;
  /** Start it if need be, and say what is wrong. */
  diagnose(name: string): Promise<Diagnosis>;
  /** The state or the offer of a server changed. */
  onChange(listener: () => void): () => void;
  onResourceUpdated(listener: (uri: string) => void): () => void;
  /** End every server and all that they started. */
  close(): Promise<void>;
}

/** How long a replaced server may finish what it was asked. */
const DRAIN_MS = 5_000;

/** No servers until {@link Upstreams.apply}. */
export function createUpstreams(needs: UpstreamsNeeds, options: UpstreamsOptions): Upstreams {
  return new MountedServers(needs, options);
}

class MountedServers implements Upstreams {
  readonly #needs: UpstreamsNeeds;
  readonly #options: UpstreamsOptions;
  readonly #mounted = new Map<string, Upstream>();
  readonly #leaving = new Set<Promise<void>>();
  readonly #changeListeners = new Set<() => void>();
  readonly #resourceListeners = new Set<(uri: string) => void>();
  #applying: Promise<unknown> = Promise.resolve();
  #firstStarts: Promise<unknown> = Promise.resolve();

  constructor(needs: UpstreamsNeeds, options: UpstreamsOptions) {
    this.#needs = needs;
    this.#options = options;
  }

  apply(config: McpServersConfig): Promise<UpstreamChanges> {
    const applied = this.#applying.then(() => this.#apply(config));
    this.#applying = applied.catch(() => {});
    return applied;
  }

  async #apply(config: McpServersConfig): Promise<UpstreamChanges> {
    const wanted = new Map(Object.entries(config));
    const differs = (name: string): boolean =>
      canonicalJson(this.#mounted.get(name)?.config) !== canonicalJson(wanted.get(name));
    const names = [...this.#mounted.keys()];
    const removed = names.filter((name) => !wanted.has(name));
    const changed = names.filter((name) => wanted.has(name) && differs(name));
    const added = [...wanted.keys()].filter((name) => !this.#mounted.has(name));
    for (const name of removed) {
      this.#needs.registry.remove(this.#mounted.get(name)?.category ?? "");
      this.#leave(name);
    }
    const replaced = new Map(
      changed.map((name) => [name, this.#mounted.get(name)?.category] as const),
    );
    for (const name of changed) this.#leave(name);
    const starts: Promise<void>[] = [];
    for (const name of [...changed, ...added]) {
      const server = wanted.get(name);
      if (server) starts.push((await this.#mount(name, server, replaced.get(name))).seen());
    }
    this.#firstStarts = Promise.all([this.#firstStarts, ...starts]);
    this.#changed();
    return { added, removed, changed };
  }

  async #mount(name: string, config: McpServerConfig, before?: string): Promise<Upstream> {
    const category = before ?? this.#categoryOf(name);
    const fingerprint = hashOf(whatIsReached(config));
    const identity = { name, category, config, fingerprint };
    // The client half of the SDK takes longer to load than all else together; most starts need none.
    const { Upstream } = await import("./upstream.ts");
    const upstream = new Upstream(this.#upstreamNeeds(), this.#options, identity);
    this.#mounted.set(name, upstream);
    await upstream.mount().catch((error: unknown) => this.#needs.trouble(name, error));
    return upstream;
  }

  #upstreamNeeds(): UpstreamNeeds {
    const { host, store, clock, consent, random, registry, trouble } = this.#needs;
    const { version, maxResultBytes } = this.#options;
    return {
      ...{ store, clock, consent, random, registry, trouble },
      open: {
        spawn: host.spawn?.bind(host),
        resolveAddresses: host.resolveAddresses?.bind(host),
        environment: () => host.environment(),
        workingFolder: host.workingFolder,
        fetch: this.#needs.fetch ?? fetch,
        ...{ clock, version, maxResultBytes },
      },
      changed: () => this.#changed(),
      resourceUpdated: (uri) => {
        for (const listener of this.#resourceListeners) listener(uri);
      },
    };
  }

  /** A name that no category has: a mounted server never takes the place of another's tools. */
  #categoryOf(name: string): string {
    const plain =
      name
        .toLowerCase()
        .replaceAll(/[^a-z0-9_-]+/g, "-")
        .replace(/^-+|-+$/g, "") || "server";
    for (let count = 1; ; count += 1) {
      const candidate = count === 1 ? plain : `${plain}-${count}`;
      if (!this.#needs.registry.category(candidate)) return candidate;
    }
  }

  #leave(name: string): void {
    const upstream = this.#mounted.get(name);
    if (!upstream) return;
    this.#mounted.delete(name);
    const leaving = upstream
      .close(DRAIN_MS)
      .catch((error: unknown) => this.#needs.trouble(name, error))
      .finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  #changed(): void {
    for (const listener of this.#changeListeners) listener();
  }

  status(): readonly UpstreamStatus[] {
    return [...this.#mounted.values()].map((upstream) => upstream.status());
  }

  async settled(): Promise<void> {
    await this.#applying;
    await this.#firstStarts;
  }

  #named(name: string): Upstream {
    const upstream = this.#mounted.get(name);
    if (upstream) return upstream;
    const near = nearest(name, this.#mounted.keys());
    const known = [...this.#mounted.keys()].join(", ") || "none is configured";
    const hint = near.length > 0 ? `did you mean ${near.join(" or ")}?` : known;
    throw new InputError("unknown_upstream", `There is no mounted server "${name}": ${hint}`, {
      data: { upstream: name, nearest: near },
    });
  }

  async start(name: string): Promise<UpstreamStatus> {
    const upstream = this.#named(name);
    await upstream.start();
    return upstream.status();
  }

  async stop(name: string): Promise<UpstreamStatus> {
    const upstream = this.#named(name);
    await upstream.stop();
    return upstream.status();
  }

  async approve(name: string, tool?: string): Promise<UpstreamStatus> {
    const upstream = this.#named(name);
    await upstream.approve(tool);
    return upstream.status();
  }

  async diagnose(name: string): Promise<Diagnosis> {
    return diagnose(this.#named(name));
  }

  onChange(listener: () => void): () => void {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  }

  onResourceUpdated(listener: (uri: string) => void): () => void {
    this.#resourceListeners.add(listener);
    return () => this.#resourceListeners.delete(listener);
  }

  async close(): Promise<void> {
    await this.#applying;
    const open = [...this.#mounted.values()];
    this.#mounted.clear();
    await Promise.all([...open.map((upstream) => upstream.close()), ...this.#leaving]);
  }
}

/** The part of a configuration that decides what a server offers. */
function whatIsReached(config: McpServerConfig): unknown {
  if (config.type === "http") return { url: config.url, headers: config.headers };
  const { command, args, env, cwd } = config;
  return { command, args, env, cwd };
}
