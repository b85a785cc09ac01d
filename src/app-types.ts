/** What a running server offers to the program around it. @module */

import type { AppQueues } from "./app-queues.ts";
import type { Clock } from "./concurrency/clock.ts";
import type { SettingKey } from "./config/config.ts";
import type { LoadedConfig } from "./config/load.ts";
import type { Config } from "./config/schema.ts";
import type { Host, SocketFeed, TransportName } from "./host.ts";
import type { Extension } from "./mcp/engine.ts";
import type { MessageServer } from "./mcp/message-server.ts";
import type { Caller } from "./registry/caller.ts";
import type { Category } from "./registry/category.ts";
import type { SettingOrigin, UpstreamStatus } from "./registry/context.ts";
import type { Tool } from "./registry/definition.ts";
import type { ChoosePeer } from "./registry/name-book.ts";
import type { Peers, SignedRecord } from "./registry/peers.ts";
import type { RegisteredTool, Registry } from "./registry/registry.ts";
import type { CallResult } from "./registry/result.ts";
import type { TaskHandler } from "./registry/task-handler.ts";
import type { ToolCall } from "./router/call.ts";
import type { Store } from "./storage/store.ts";
import type { Logger } from "./telemetry/logger.ts";
import type { Metrics } from "./telemetry/metrics.ts";
import type { Consent } from "./upstream/consent.ts";

/** What a look at one mounted server found. */
export interface Diagnosis {
  readonly healthy: boolean;
  readonly detail: string;
  /** What a person can do about it. */
  readonly hints: readonly string[];
}

/** The mounted servers of an app. */
export interface AppUpstreams {
  status(): readonly UpstreamStatus[];
  /** Resolves when every first start has succeeded or failed. */
  settled(): Promise<void>;
  onChange(listener: () => void): () => void;
  diagnose(name: string): Promise<Diagnosis>;
}

/** How the mesh of an app is doing. */
export interface MeshStatus {
  readonly state: "off" | "starting" | "running" | "failed";
  /** Why it is not running. */
  readonly reason?: string;
  /** Transports that were wanted and are not there, and why. */
  readonly missing: Readonly<Partial<Record<TransportName, string>>>;
}

/** The mesh of an app. */
export interface AppMesh {
  status(): MeshStatus;
  /** Resolves when the first start has succeeded or failed. */
  settled(): Promise<void>;
  /** Whom it knows and is connected to; missing while it is not running. */
  readonly peers: Peers | undefined;
  /** The category of a peer's tools, by the peer's id, name or address; connects where need be. */
  reach(peer: string): Promise<string>;
  /** Send a request of MCP, or of an extension of it, to a peer by its id, name or address. */
  request(peer: string, method: string, params: Facts, signal?: AbortSignal): Promise<Facts>;
}

/** An object of JSON. */
export type Facts = Readonly<Record<string, unknown>>;

/** How an app takes part in the mesh: as a server that listens, or as a client that only dials. */
export type MeshRole = "server" | "client";

/** What a configuration change did. */
export interface ReloadReport {
  readonly changed: readonly string[];
  readonly needsRestart: readonly string[];
}

/** The part of a host that an app needs; an edge isolate has neither files nor processes. */
export type AppHost = Pick<Host, "name" | "environment" | "workingFolder"> &
  Partial<
    Pick<
      Host,
      | "files"
      | "spawn"
      | "resolveAddresses"
      | "memory"
      | "openStore"
      | "openQueueStore"
      | "openTransports"
      | "joinLocalNetwork"
      | "readPage"
      | "dialSocket"
    >
  > & {
    /** Takes the log: each line as it comes where it is direct, else those of a moment together. */
    readonly terminal: Pick<Host["terminal"], "printError"> & { readonly isDirect?: boolean };
  };

/** Where an app is reached, and how it takes part in the mesh. */
export interface AppPlace {
  /**
   * Where a browser on this machine reaches this app, such as `http://127.0.0.1:8000`: with it,
   * mounted servers that want a person's consent (OAuth) get it at `/oauth/callback`.
   */
  readonly origin?: string;
  /** Left out, the app stays out of the mesh. */
  readonly meshRole?: MeshRole;
  /** Join under an identity made for the moment, not under that of the data folder. */
  readonly isGuest?: boolean;
  /** WebSockets that were opened on the app's HTTP port, for the mesh. */
  readonly sockets?: SocketFeed;
}

/** What of an app the mesh works with. */
export interface MeshNeeds {
  readonly role: MeshRole;
  readonly host: AppHost;
  readonly sockets: SocketFeed | undefined;
  readonly config: () => Config;
  /** Whether nobody chose the value of this setting. */
  readonly isDefault: (key: SettingKey) => boolean;
  /** Who this server is, where it has no folder of its own to keep that in. */
  readonly isEphemeral: boolean;
  readonly store: Store;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly registry: Registry;
  /** Begin to serve one stream of a peer. */
  readonly serve: (
    peer: string,
    write: (text: string, answers?: unknown) => undefined,
  ) => MessageServer;
}

/** Signed records, to be handed out and taken. */
export interface PeerRecords {
  /** The own one first. */
  records(limit: number): readonly SignedRecord[];
  /** `fault` is why a record is not believed. */
  accept(record: unknown): Promise<{
    readonly isNew?: boolean | undefined;
    readonly fault?: string | undefined;
  }>;
}

/** A mesh that runs. */
export interface RunningMesh {
  /** Of several categories of peers, the one whose peer is best for a tool. */
  readonly choosePeer: ChoosePeer;
  /** The same tool at the best peer that is not among `tried`. */
  elsewhere(
    target: RegisteredTool,
    caller: Caller,
    tried: ReadonlySet<string>,
  ): Promise<RegisteredTool | undefined>;
  readonly peers: Peers;
  readonly missing: MeshStatus["missing"];
  /** The category of a peer by its id, name or address; connects where need be. */
  reach(target: string): Promise<string>;
  /** The id of a peer by its id, name or address; connects where need be. */
  idOf(target: string): Promise<string>;
  request: AppMesh["request"];
  /** A tool that a peer's category does not list: its peer answers what there is to it. */
  unlisted(category: string, name: string): Tool | undefined;
  /** Signed records of the peers that are known, for `/peers`. */
  readonly records: PeerRecords;
  stop(): Promise<void>;
}

/** Starts a mesh; the module that holds it is loaded only where there is one to start. */
export type LoadMesh = () => Promise<{ startMesh(needs: MeshNeeds): Promise<RunningMesh> }>;

/** What an app is made of. */
export interface AppOptions extends LoadedConfig, AppPlace {
  readonly host: AppHost;
  /** Built-in categories. */
  readonly catalog: readonly Category[];
  /** Read the configuration again; without it a reload changes nothing. */
  readonly reload?: () => Promise<LoadedConfig>;
  /** Left out, there is no mesh to take part in. */
  readonly loadMesh?: LoadMesh;
  /** Another way to a person who can consent. */
  readonly consent?: Consent;
  /** The program's own kinds of tasks, by name. */
  readonly taskHandlers?: Readonly<Record<string, TaskHandler>>;
  /** Protocol extensions to serve beside the core methods. */
  readonly extensions?: readonly Extension[];
}

/** A composed server without a socket of its own. */
export interface App extends AsyncDisposable {
  readonly config: Config;
  readonly registry: Registry;
  readonly upstreams: AppUpstreams;
  readonly mesh: AppMesh;
  readonly queues: AppQueues;
  settings(): readonly SettingOrigin[];
  /** Tools that fit a query in natural language, best first. */
  search(query: string, caller: Caller, limit: number): Promise<readonly RegisteredTool[]>;
  /** Answer one HTTP request: MCP, REST and operations. */
  fetch(request: Request): Response | Promise<Response>;
  call(call: ToolCall): Promise<CallResult>;
  /** Speak MCP as JSON lines until the input ends. */
  serveStream(
    input: ReadableStream<Uint8Array>,
    output: WritableStream<Uint8Array>,
    caller: Caller,
  ): Promise<void>;
  reload(): Promise<ReloadReport>;
  stop(): Promise<void>;
}
