/**
 * The composition root: puts a server together from its configuration and its host.
 *
 * `app/foundation.ts` opens what everything stands on, `app/toolbox.ts` composes the tools and the
 * spine of calls, `app/surface.ts` the ways to ask. No part looks for what it needs by itself.
 *
 * @module
 */

import { type Foundation, openFoundation } from "./app/foundation.ts";
import { createSurface, type Surface } from "./app/surface.ts";
import { createToolbox, type Toolbox } from "./app/toolbox.ts";
import type { App, AppOptions, ReloadReport } from "./app-types.ts";
import { diffConfig } from "./config/diff.ts";
import type { Config } from "./config/schema.ts";
import type { SettingOrigin } from "./registry/context.ts";

/** Make a server; it listens nowhere until a host is given its `fetch`. */
export async function createApp(options: AppOptions): Promise<App> {
  const foundation = await openFoundation(options);
  // The admin tools reload the app that holds them, so the app is named before it is made.
  const made: { app?: ComposedApp } = {};
  const reload = (): Promise<ReloadReport> => made.app?.reload() ?? Promise.resolve(nothing);
  const toolbox = await createToolbox({ foundation, options, reload });
  const surface = await createSurface(foundation, toolbox);
  const app = new ComposedApp(options, foundation, toolbox, surface);
  made.app = app;
  await app.start();
  toolbox.mesh.start({ registry: toolbox.registry, serve: surface.servePeer });
  return app;
}

const nothing: ReloadReport = { changed: [], needsRestart: [] };

class ComposedApp implements App {
  readonly #options: AppOptions;
  readonly #foundation: Foundation;
  readonly #toolbox: Toolbox;
  readonly #surface: Surface;
  #reloading: Promise<ReloadReport> = Promise.resolve(nothing);
  #stopping: Promise<void> | undefined;

  constructor(options: AppOptions, foundation: Foundation, toolbox: Toolbox, surface: Surface) {
    this.#options = options;
    this.#foundation = foundation;
    this.#toolbox = toolbox;
    this.#surface = surface;
  }

  /** Mounted servers begin to start; nobody waits for them. */
  async start(): Promise<void> {
    const { features, mcpServers } = this.config;
    await this.#toolbox.upstreams.apply(features.upstream ? mcpServers : {});
  }

  get config(): Config {
    return this.#foundation.config();
  }
  get registry(): Toolbox["registry"] {
    return this.#toolbox.registry;
  }
  get search(): App["search"] {
    return this.#toolbox.search;
  }
  get upstreams(): App["upstreams"] {
    return this.#toolbox.upstreams;
  }
  get mesh(): App["mesh"] {
    return this.#toolbox.mesh;
  }
  get queues(): App["queues"] {
    return this.#toolbox.queues;
  }

  settings(): readonly SettingOrigin[] {
    return this.#foundation.current().origins;
  }

  call: App["call"] = (call) => this.#toolbox.engine.run(call);
  fetch: App["fetch"] = (request) => this.#surface.fetch(request);
  serveStream: App["serveStream"] = (...streams) => this.#surface.serveStream(...streams);

  reload(): Promise<ReloadReport> {
    const reloaded = this.#reloading.then(() => this.#reload());
    // One that fails changes nothing, and the next begins from there.
    this.#reloading = reloaded.catch(() => nothing);
    return reloaded;
  }

  async #reload(): Promise<ReloadReport> {
    const loaded = await this.#options.reload?.();
    if (!loaded) return nothing;
    const report = diffConfig(this.config, loaded.config);
    this.#foundation.replace(loaded);
    this.#surface.reconfigure();
    await this.start();
    this.#foundation.feed.publish({ type: "reload", ...report });
    return report;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    await this.#toolbox.queues.stop();
    await this.#toolbox.mesh.stop();
    await this.#surface.close();
    await this.#toolbox.upstreams.close();
    await this.#foundation.store.close();
    await this.#foundation.lines.flush();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
