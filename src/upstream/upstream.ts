/**
 * One mounted server: its life, its catalog, its tools, and the category that shows them.
 *
 * @module
 */

import type { McpServerConfig } from "../config/mcp-servers.ts";
import { messageOf } from "../errors.ts";
import type { Availability } from "../registry/category.ts";
import type { UpstreamStatus } from "../registry/context.ts";
import { type Catalog, createCatalog, type ListKind, priorOf } from "./catalog.ts";
import type { Connection } from "./connection.ts";
import { expandServer } from "./expand.ts";
import type { OAuth } from "./oauth.ts";
import { createOffer } from "./offer.ts";
import { open } from "./open.ts";
import { createPendingCalls, type PendingCalls } from "./pending-calls.ts";
import { createPermission } from "./permission.ts";
import type { Stripped } from "./sanitize.ts";
import { Showcase } from "./showcase.ts";
import { Supervisor } from "./supervisor.ts";
import { createToolCalls, type ToolCalls } from "./tool-calls.ts";
import type { UpstreamIdentity, UpstreamNeeds, UpstreamSettings } from "./upstream-needs.ts";

const listChanges: ReadonlyMap<string, ListKind> = new Map([
  ["notifications/tools/list_changed", "tools"],
  ["notifications/prompts/list_changed", "prompts"],
  ["notifications/resources/list_changed", "resources"],
]);
const allLists: readonly ListKind[] = ["tools", "prompts", "resources"];

/** One mounted server. */
export class Upstream {
  readonly name: string;
  readonly #needs: UpstreamNeeds;
  readonly #settings: UpstreamSettings;
  readonly #identity: UpstreamIdentity;
  readonly #supervisor: Supervisor;
  readonly #catalog: Catalog;
  readonly #pending: PendingCalls;
  readonly #calls: ToolCalls;
  readonly #showcase: Showcase;
  readonly #stripped: Stripped = { count: 0 };
  readonly #watched = new Set<string>();
  readonly #unmounted = new AbortController();
  #log: readonly string[] = [];
  #oauth: OAuth | undefined;
  #listError: unknown;
  #refreshed: Promise<void> = Promise.resolve();
  #disarmIdle: () => void = () => {};

  constructor(needs: UpstreamNeeds, settings: UpstreamSettings, identity: UpstreamIdentity) {
    const { name, config, fingerprint } = identity;
    const { clock, store, random } = needs;
    const trouble = (error: unknown): void => needs.trouble(name, error);
    const unmounted = this.#unmounted.signal;
    this.name = name;
    this.#needs = needs;
    this.#settings = settings;
    this.#identity = identity;
    this.#supervisor = new Supervisor({
      ...{ name, clock, random, changed: needs.changed },
      open: (signal) => this.#open(signal),
      startTimeoutMs: config.startTimeoutMs ?? settings.startTimeoutMs,
      isDisabled: config.disabled === true,
      opened: (connection) => this.#opened(connection),
    });
    const changed = (): Promise<void> => this.#showcase.publish();
    this.#catalog = createCatalog({
      ...{ name, fingerprint, store, clock, changed, trouble, unmounted },
    });
    const newId = (): string => crypto.randomUUID();
    this.#pending = createPendingCalls({ upstream: name, clock, newId });
    const [supervisor, pending] = [this.#supervisor, this.#pending];
    const finished = (): void => this.#restLater();
    this.#calls = createToolCalls({ upstream: name, supervisor, pending, finished });
    const [catalog, stripped, watched] = [this.#catalog, this.#stripped, this.#watched];
    const { registry } = needs;
    this.#showcase = new Showcase({
      ...{ name, category: identity.category, config, store, registry, catalog, stripped },
      calls: this.#calls,
      offer: createOffer({ catalog, supervisor, stripped, watched }),
      pins: settings.pins,
      timeoutMs: config.timeoutMs ?? settings.callTimeoutMs,
      availability: () => this.#availability(),
      changed: needs.changed,
      unmounted,
    });
  }

  get config(): McpServerConfig {
    return this.#identity.config;
  }
  get category(): string {
    return this.#identity.category;
  }
  get log(): readonly string[] {
    return this.#log;
  }

  /** Show what is remembered. */
  async mount(): Promise<void> {
    const { trouble } = this.#needs;
    await this.#catalog.load().catch((error: unknown) => trouble(this.name, error));
    await this.#showcase.open();
  }

  /** Start a server that was never seen, so that its tools are; resolves also when it failed. */
  async seen(): Promise<void> {
    if (this.#catalog.data || this.config.disabled === true) return;
    try {
      await this.#supervisor.ready();
      await this.#refreshed;
    } catch {
      // The status says it; nobody called yet.
    }
  }

  async #open(signal: AbortSignal): Promise<Connection> {
    const { name } = this;
    const environment = this.#needs.open.environment();
    const needs = { ...this.#needs.open, environment };
    const config = expandServer(name, this.config, needs);
    this.#oauth ??= await this.#permission(config);
    return open(needs, {
      ...{ name, config, signal, oauth: this.#oauth },
      prior: priorOf(this.#catalog.data, this.#needs.clock.now()),
      timeoutMs: this.config.startTimeoutMs ?? this.#settings.startTimeoutMs,
      trouble: (error) => this.#needs.trouble(name, error),
      logged: (log) => {
        this.#log = log;
      },
      events: {
        notification: (method, params) => this.#notified(method, params.uri),
        request: (request) => this.#calls.asked(this.#supervisor.connection, request),
      },
    });
  }

  #permission(config: McpServerConfig): Promise<OAuth | undefined> {
    const [needs, identity, supervisor] = [this.#needs, this.#identity, this.#supervisor];
    return createPermission({ needs, identity, supervisor }, config);
  }

  #opened(connection: Connection): void {
    this.#refresh(connection, allLists);
    if (this.#watched.size > 0) {
      connection
        .watchResources([...this.#watched])
        .catch((error: unknown) => this.#needs.trouble(this.name, error));
    }
    this.#restLater();
  }

  #refresh(connection: Connection, kinds: readonly ListKind[]): void {
    const failed = (error: unknown): void => {
      this.#listError = error;
      this.#needs.trouble(this.name, error);
    };
    const refreshed = this.#catalog.refresh(connection, kinds);
    this.#refreshed = refreshed.then(() => {
      this.#listError = undefined;
    }, failed);
  }

  #notified(method: string, uri: unknown): void {
    const kind = listChanges.get(method);
    const { connection } = this.#supervisor;
    if (kind && connection) this.#refresh(connection, [kind]);
    if (method === "notifications/resources/updated" && typeof uri === "string") {
      this.#needs.resourceUpdated(uri);
    }
  }

  #availability(): Availability {
    const reason = this.#supervisor.unavailableBecause;
    return reason === undefined ? { available: true } : { available: false, reason };
  }

  #restLater(): void {
    const { idleStopMs } = this.#settings;
    if (idleStopMs === 0) return;
    this.#disarmIdle();
    this.#disarmIdle = this.#needs.clock.after(idleStopMs, () => {
      if (this.#calls.inFlight > 0 || this.#watched.size > 0) return;
      this.#supervisor
        .stop("idle")
        .catch((error: unknown) => this.#needs.trouble(this.name, error));
    });
  }

  status(): UpstreamStatus {
    const { connection, state, error, restarts, since } = this.#supervisor;
    const { data } = this.#catalog;
    const warnings = this.#warnings(connection?.stripped ?? 0);
    const facts = connection ?? data;
    const consentUrl = this.#oauth?.pendingUrl;
    return {
      name: this.name,
      transport: this.config.type,
      state,
      ...(facts && { era: facts.era }),
      ...(facts?.server !== undefined && { server: facts.server }),
      tools: this.#showcase.toolCount,
      ...(connection?.pid !== undefined && { pid: connection.pid }),
      restarts,
      calls: this.#calls.calls,
      failures: this.#calls.failures,
      ...(error && { error: messageOf(error) }),
      ...(consentUrl !== undefined && { consentUrl }),
      ...(warnings.length > 0 && { warnings }),
      since: new Date(since).toISOString(),
    };
  }

  #warnings(strippedLive: number): string[] {
    const stripped = this.#stripped.count + strippedLive;
    return [
      ...this.#showcase.warnings,
      ...(this.#listError ? [`its tools could not be listed: ${messageOf(this.#listError)}`] : []),
      ...(stripped > 0 ? [`${stripped} hidden characters were removed from its texts`] : []),
    ];
  }

  /** Trust what is offered now, of one tool or of all. */
  approve(tool?: string): Promise<void> {
    return this.#showcase.approve(tool);
  }

  async start(): Promise<void> {
    await this.#supervisor.start();
    await this.#refreshed;
  }

  async stop(): Promise<void> {
    await this.#supervisor.stop();
  }

  /** Let calls in flight end, then end the server. */
  async close(drainMs = 0): Promise<void> {
    this.#disarmIdle();
    this.#oauth?.close();
    this.#unmounted.abort();
    if (drainMs > 0) await this.#calls.drained(AbortSignal.timeout(drainMs));
    this.#pending.close();
    await this.#supervisor.close();
  }
}
