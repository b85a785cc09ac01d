/**
 * What a host — Node, Bun, Deno or an edge isolate — lends to the neutral core.
 *
 * The shims are in `runtimes/`; each is at most 60 lines. Facilities that not every host has
 * are optional, and what needs them says so instead of guessing.
 *
 * @module
 */

/** A request handler in the shape that every host can serve. */
export type FetchHandler = (request: Request) => Response | Promise<Response>;

/** Where to listen. */
export interface ListenOptions {
  readonly hostname: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Takes over WebSockets that are opened at the path `/`; without it there are none. */
  readonly onSocket?: (socket: AcceptedSocket) => void;
}

/** What happens on a socket. */
export interface SocketEvents {
  message(bytes: Uint8Array): void;
  /** The last event: the other side closed, or the connection broke. */
  closed(): void;
}

/** A WebSocket that somebody opened on our port; it carries binary messages. */
export interface AcceptedSocket {
  /** The other side, as the operating system names it. */
  readonly remote: { readonly hostname: string; readonly port: number };
  /** Bytes that were handed to `send` and are still in memory. */
  readonly bufferedBytes: number;
  send(bytes: Uint8Array): void;
  close(): void;
  /** Begin to receive: once, and at once. Messages that came before are not lost. */
  receive(events: SocketEvents): void;
}

/** The sockets that are opened on a port of ours, for whoever takes them. */
export interface SocketFeed {
  /** The port that they come in by. */
  readonly port: number;
  /** Take every socket from now on, and those that wait; one taker at a time. */
  take(taker: (socket: AcceptedSocket) => void): void;
  /** Sockets that come from now on are closed. */
  refuse(): void;
}

/** A listening HTTP server. */
export interface HttpServer {
  readonly port: number;
  /** Stop listening and end open connections. */
  close(): Promise<void>;
}

/** A slice of a file, in bytes; `end` is exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What is known of a file or folder without reading it. */
export interface FileInfo {
  readonly kind: "file" | "folder";
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
  /** Permission bits such as 0o600; missing where the system has none. */
  readonly mode?: number;
}

/** How a file is written. */
export interface WriteOptions {
  /** Nobody but this user may read it (mode 0600), whatever it was before. */
  readonly isPrivate: boolean;
}

/** Files by absolute path. A missing file is `undefined` from `stat`, an error elsewhere. */
export interface FileSystem {
  stat(path: string): Promise<FileInfo | undefined>;
  /** Resolve `.`/`..` and every symbolic link; the last part need not exist yet. */
  realPath(path: string): Promise<string>;
  read(path: string, range?: ByteRange): Promise<ReadableStream<Uint8Array>>;
  /** The file appears under its name when the stream is closed; aborting leaves nothing. */
  write(path: string, options?: WriteOptions): Promise<WritableStream<Uint8Array>>;
  list(path: string): Promise<readonly string[]>;
  /** Call `changed` after the file was written, replaced or removed; returns the stop function. */
  watch(path: string, changed: () => void): () => void;
}

/** A program to start: no shell ever sees it. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment of the child: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** How a child process ended. */
export interface ExitStatus {
  readonly code: number | undefined;
  readonly signal: string | undefined;
}

/** A running child process. */
export interface Subprocess {
  readonly pid: number;
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly exited: Promise<ExitStatus>;
  /** Signal the child and all that it started. */
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}

/** The process's own input and output. */
export interface Terminal {
  readonly input: ReadableStream<Uint8Array>;
  readonly isInteractive: boolean;
  readonly columns: number;
  /** Write text; resolves when the host took it. */
  print(text: string): Promise<void>;
  printError(text: string): Promise<void>;
}

/** The ways to reach peers that a host may have. */
export type TransportName =
  | "tcp"
  | "websocket"
  | "quic"
  | "webrtc-direct"
  | "webrtc"
  | "webtransport";

/** Where peers may reach this host: a port, 0 for any free one, or not at all. */
export interface TransportOptions {
  readonly hostname: string;
  readonly tcpPort: number | "off";
  readonly quicPort: number | "off";
  readonly webRtcPort: number | "off";
  readonly webTransportPort: number | "off";
}

/** One way to reach peers. */
export interface HostTransport {
  readonly name: TransportName;
  /** Makes libp2p's `Transport` of its components; untyped here, so that hosts need no libp2p. */
  readonly create: (components: never) => object;
  /** Multiaddrs to listen on, e.g. `/ip4/127.0.0.1/tcp/4001`; none where it only dials. */
  readonly listen: readonly string[];
}

/** What a host has of transports, and why it lacks others. */
export interface HostTransports {
  /** In the order in which a peer's addresses are dialled. */
  readonly transports: readonly HostTransport[];
  /** A sentence for each transport that was wanted and is not there. */
  readonly missing: Readonly<Partial<Record<TransportName, string>>>;
}

/** What is asked of, and told to, the local network (mDNS). */
export interface LocalNetworkOptions {
  /** Name of the service, such as `_mcpp-team._udp.local`. */
  readonly service: string;
  /** What to answer those who ask for it: multiaddrs with an id; with none it only listens. */
  readonly addresses: () => readonly string[];
  /** Somebody answered; called again and again. */
  readonly found: (peer: string, addresses: readonly string[]) => void;
  /** It could not be asked or answered; it goes on. */
  readonly failed: (error: Error) => void;
}

/** A part in the local network. */
export interface LocalNetwork {
  leave(): Promise<void>;
}

/** Memory in bytes, as the operating system counts it. */
export interface MemoryUse {
  readonly rssBytes: number;
  readonly heapBytes: number;
}

/** The facilities that differ between hosts, and nothing else. */
export interface Host {
  readonly name: "node" | "bun" | "deno" | "edge";
  readonly version: string;
  readonly platform: string;
  readonly pid: number;
  readonly args: readonly string[];
  /** What starts this program again; further arguments follow. */
  readonly ownCommand?: Pick<Command, "file" | "args">;
  readonly terminal: Terminal;
  readonly files: FileSystem;
  /** Where this user's programs keep their data, e.g. `~/.local/share`. */
  readonly dataHome: string;
  readonly workingFolder: string;
  environment(): Readonly<Record<string, string>>;
  memory(): MemoryUse;
  listen(fetch: FetchHandler, options: ListenOptions): Promise<HttpServer>;
  spawn(command: Command): Promise<Subprocess>;
  /** Ways to reach peers, best first; loading them costs, so only a mesh asks for them. */
  openTransports?(options: TransportOptions): Promise<HostTransports>;
  /** Open a WebSocket, on hosts that can do it better than with the web's own. */
  dialSocket?(url: URL, signal: AbortSignal): Promise<AcceptedSocket>;
  /** Find peers on the local network, and be found there. */
  joinLocalNetwork?(options: LocalNetworkOptions): Promise<LocalNetwork>;
  /** A file of the page at `/join`, on hosts that were installed with it; else `undefined`. */
  readPage?(name: string): Promise<Uint8Array | undefined>;
  /** Addresses of a name, for checks before a connection is made. */
  resolveAddresses(hostname: string): Promise<readonly string[]>;
  /** Open (or create) the durable store at this path; see `storage/store.ts`. */
  openStore(path: string): Promise<import("./storage/store.ts").Store>;
  /**
   * Open (or create) the queues in the file at this path, or in the database at a `postgres://`
   * address; rejects with `data_locked` where another process has the file.
   */
  openQueueStore?(location: string): Promise<import("./queue/queue-store.ts").QueueStore>;
  /** Fires when the process is asked to end (SIGINT, SIGTERM). */
  readonly stopRequested: AbortSignal;
  exit(code: number): never;
}
