/**
 * A server inside another program: its own tools, settings as an object, no socket.
 *
 * @module
 */

import { createApp } from "./app.ts";
import type { App, AppHost, AppPlace, LoadMesh } from "./app-types.ts";
import type { Config, GivenConfig } from "./config/config.ts";
import { type LoadedConfig, loadConfig } from "./config/load.ts";
import type { Host } from "./host.ts";
import { ownCategory } from "./own-tools.ts";
import { type Caller, localCaller } from "./registry/caller.ts";
import type { Category } from "./registry/category.ts";
import type { Tool } from "./registry/definition.ts";
import type { CallResult } from "./registry/result.ts";
import type { TaskHandler } from "./registry/task-handler.ts";

/** What an embedded server may know of its host. */
export type EmbeddingHost = AppHost & Partial<Pick<Host, "dataHome">>;

/** What an embedded server is made of. */
export interface EmbedOptions {
  readonly host: EmbeddingHost;
  /** The program's own tools, listed before all others. */
  readonly tools?: readonly Tool[];
  /** Name of the category of the own tools; left out, `own`. */
  readonly category?: string;
  /** Settings by name, as in a configuration file; they win over the environment's. */
  readonly config?: GivenConfig;
  /** Categories beside the own tools. */
  readonly catalog?: readonly Category[];
  /** What starts a mesh; left out, there is none. */
  readonly loadMesh?: LoadMesh;
  /** The program's own kinds of tasks, by name: it works those of its queues. */
  readonly taskHandlers?: Readonly<Record<string, TaskHandler>>;
}

/** How a program calls a tool of its embedded server. */
export interface EmbeddedCallOptions {
  readonly signal?: AbortSignal;
  /** On whose behalf; left out, the program's own, to whom nothing is closed. */
  readonly caller?: Caller;
}

/** A server without a socket of its own. */
export interface EmbeddedApp
  extends AsyncDisposable,
    Pick<App, "config" | "upstreams" | "fetch" | "serveStream" | "stop"> {
  /** Call a tool by name; throws what is no result, such as `unknown_tool` and `invalid_input`. */
  call(tool: string, input?: object, options?: EmbeddedCallOptions): Promise<CallResult>;
}

/**
 * Make a server for this program.
 *
 * Nothing is written to a disk unless `dataDir` names a folder: the cache is in memory.
 */
export async function embed(options: EmbedOptions): Promise<EmbeddedApp> {
  return (await prepare(options)).make();
}

/** A server whose configuration was read, and that is not made yet. */
export interface PreparedApp {
  readonly config: Config;
  make(place?: AppPlace): Promise<EmbeddedApp>;
}

/** The first half of {@link embed}, for who must listen before there is a server. */
export async function prepare(options: EmbedOptions): Promise<PreparedApp> {
  const {
    host,
    tools = [],
    category = "own",
    config,
    catalog = [],
    loadMesh,
    taskHandlers,
  } = options;
  const own = tools.length > 0 ? [ownCategory(category, tools, catalog)] : [];
  const loaded = await loadConfig({
    environment: host.environment(),
    given: config,
    flags: [],
    dataHome: host.dataHome ?? host.workingFolder,
    workingFolder: host.workingFolder,
  });
  for (const warning of loaded.warnings) await host.terminal.printError(`note: ${warning}\n`);
  const lent = hasDataDir(loaded) ? host : withoutDisk(host);
  const parts = {
    ...loaded,
    host: lent,
    catalog: [...own, ...catalog],
    ...(loadMesh && { loadMesh }),
    ...(taskHandlers && { taskHandlers }),
  };
  return {
    config: loaded.config,
    make: async (place) => facade(await createApp({ ...parts, ...place })),
  };
}

function hasDataDir({ origins }: LoadedConfig): boolean {
  return origins.some(({ key, origin }) => key === "dataDir" && origin !== "default");
}

/** The same host, which opens no store. It stays the prototype: its facilities open on first use. */
function withoutDisk(host: EmbeddingHost): AppHost {
  return Object.create(host, { openStore: { value: undefined } });
}

function facade(app: App): EmbeddedApp {
  return {
    get config() {
      return app.config;
    },
    upstreams: app.upstreams,
    fetch: app.fetch,
    serveStream: app.serveStream,
    call: (tool, input = {}, { signal, caller = localCaller } = {}) =>
      app.call({ tool, input, caller, ...(signal && { signal: () => signal }) }),
    stop: () => app.stop(),
    [Symbol.asyncDispose]: () => app.stop(),
  };
}
