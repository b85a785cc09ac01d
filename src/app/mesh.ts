/**
 * The mesh's place in an app, whether there is a mesh or not: it starts in the background, and what
 * asks meanwhile, or after it failed, hears why it is not there.
 *
 * @module
 */

import type { AppMesh, AppOptions, MeshNeeds, MeshStatus, RunningMesh } from "../app-types.ts";
import { messageOf, UnavailableError } from "../errors.ts";
import { createHome, type Home, withPeersAtHome } from "../mesh/home.ts";
import { withPeers } from "../mesh/with-peers.ts";
import type { Caller } from "../registry/caller.ts";
import type { Availability } from "../registry/category.ts";
import type { Peers } from "../registry/peers.ts";
import type { RegisteredTool, Registry } from "../registry/registry.ts";
import type { Foundation } from "./foundation.ts";

type Lookup = Pick<Registry, "loaded" | "resolve">;

/** The mesh of an app, running or not. */
export interface MeshSlot extends AppMesh, Pick<RunningMesh, "choosePeer" | "elsewhere" | "idOf"> {
  /** A mesh that is starting is there: calls wait for it. */
  availability(): Availability;
  starting(): Promise<void> | undefined;
  /** The server elsewhere that has a mesh, where this one has none. */
  readonly home: Home | undefined;
  /** The mesh as tools use it; throws `runtime_unavailable` where there is none. */
  readonly service: Peers;
  /** What is known of peers, for others to ask; `undefined` where there is no mesh. */
  readonly records: RunningMesh["records"] | undefined;
  /** Calls that name a peer find its category, connecting to it where need be. */
  withPeers(lookup: Lookup): Lookup;
  /** Begin to start. */
  start(parts: Pick<MeshNeeds, "registry" | "serve">): void;
  stop(): Promise<void>;
}

/** Why there is nothing to start; `undefined` where there is. */
function reasonToStayOut(options: AppOptions): string | undefined {
  const { config, meshRole, loadMesh, host } = options;
  if (!config.features.mesh) return "features.mesh is off: set it to true to join other servers";
  if (!loadMesh) {
    return `the host "${host.name}" has no sockets for peers: set home.url (MCPP_HOME) to a server that has, and mesh tools run there`;
  }
  if (!meshRole)
    return "this process stays out of the mesh: mcpp serve joins it, and so does mcpp stdio where mesh.bootstrap or mesh.rendezvous is set";
  return undefined;
}

/** The place for a mesh, still empty. */
export function createMeshSlot(foundation: Foundation, options: AppOptions): MeshSlot {
  return new Slot(foundation, options);
}

class Slot implements MeshSlot {
  readonly #foundation: Foundation;
  readonly #options: AppOptions;
  #state: MeshStatus["state"];
  #reason: string | undefined;
  #running: RunningMesh | undefined;
  #starting: Promise<void> = Promise.resolve();
  #isStopped = false;
  readonly home: Home | undefined;

  constructor(foundation: Foundation, options: AppOptions) {
    this.#foundation = foundation;
    this.#options = options;
    this.#reason = reasonToStayOut(options);
    this.#state = this.#reason === undefined ? "starting" : "off";
    const { url, key } = options.config.home;
    if (this.#state === "off" && url !== undefined) {
      const why = "which home.url (MCPP_HOME) names";
      this.home = createHome({ url, key, why, fetch: (target, init) => fetch(target, init) });
    }
  }

  status(): MeshStatus {
    return {
      state: this.#state,
      missing: this.#running?.missing ?? {},
      ...(this.#reason !== undefined && { reason: this.#reason }),
    };
  }

  settled(): Promise<void> {
    return this.#starting;
  }

  get peers(): Peers | undefined {
    return this.#running?.peers;
  }
  get records(): RunningMesh["records"] | undefined {
    return this.#running?.records;
  }

  availability(): Availability {
    return this.#running || this.#state === "starting"
      ? { available: true }
      : { available: false, reason: this.#why };
  }

  starting(): Promise<void> | undefined {
    return this.#state === "starting" ? this.#starting : undefined;
  }

  get #why(): string {
    return this.#reason ?? "it is still starting; ask again in a moment";
  }

  get service(): Peers {
    if (this.#running) return this.#running.peers;
    throw new UnavailableError("runtime_unavailable", `The mesh is not running: ${this.#why}`);
  }

  choosePeer: RunningMesh["choosePeer"] = (tool, categories) =>
    this.#running?.choosePeer(tool, categories);

  elsewhere(
    target: RegisteredTool,
    caller: Caller,
    tried: ReadonlySet<string>,
  ): Promise<RegisteredTool | undefined> {
    return this.#running?.elsewhere(target, caller, tried) ?? Promise.resolve(undefined);
  }

  withPeers(lookup: Lookup): Lookup {
    if (this.home) return withPeersAtHome(lookup, this.home);
    return withPeers(lookup, {
      reach: (target) => this.reach(target),
      unlisted: (category, name) => this.#running?.unlisted(category, name),
    });
  }

  async reach(target: string): Promise<string> {
    await this.#starting;
    if (this.#running) return this.#running.reach(target);
    const message = `Peer "${target}" cannot be asked, because the mesh is not running: ${this.#why}`;
    throw new UnavailableError("runtime_unavailable", message, { data: { peer: target } });
  }

  async idOf(target: string): Promise<string> {
    await this.reach(target);
    // `reach` throws where there is none.
    return (this.#running as RunningMesh).idOf(target);
  }

  request: MeshSlot["request"] = async (target, ...request) => {
    await this.reach(target);
    // `reach` throws where there is none.
    return (this.#running as RunningMesh).request(target, ...request);
  };

  start(parts: Pick<MeshNeeds, "registry" | "serve">): void {
    const { meshRole: role, loadMesh } = this.#options;
    if (this.#state !== "starting" || !role || !loadMesh) return;
    this.#starting = this.#start(loadMesh, { ...this.#needs(role), ...parts });
  }

  #needs(role: MeshNeeds["role"]): Omit<MeshNeeds, "registry" | "serve"> {
    const { host, sockets, isGuest = false } = this.#options;
    const { config, current, store, clock, metrics, log } = this.#foundation;
    const isDefault: MeshNeeds["isDefault"] = (wanted) =>
      current().origins.some(({ key, origin }) => key === wanted && origin === "default");
    const isEphemeral = isGuest || host.openStore === undefined;
    return { role, host, sockets, config, isDefault, isEphemeral, store, clock, metrics, log };
  }

  async #start(load: NonNullable<AppOptions["loadMesh"]>, needs: MeshNeeds): Promise<void> {
    const { log, feed } = this.#foundation;
    try {
      const { startMesh } = await load();
      if (this.#isStopped) return;
      this.#running = await startMesh(needs);
      this.#state = "running";
      log.debug("mesh is running", { peer: this.#running.peers.self().peer });
    } catch (error) {
      // Everything local works without it; status, doctor and every mesh tool say what happened.
      this.#state = "failed";
      this.#reason = messageOf(error);
      // Those who came meanwhile would wait for nobody.
      needs.sockets?.refuse();
      log.warning("mesh could not start", { error });
    }
    feed.publish({ type: "mesh", ...this.status() });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#starting;
    const running = this.#running;
    this.#running = undefined;
    if (this.#state === "running") {
      this.#state = "off";
      this.#reason = "this server is stopping";
    }
    await running?.stop();
  }
}
