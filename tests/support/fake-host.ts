/** A host in memory: files, terminal and listener that a test can look into. @module */

import type {
  AcceptedSocket,
  FetchHandler,
  FileSystem,
  Host,
  ListenOptions,
} from "../../src/host.ts";
import { createMemoryStore } from "../../src/storage/memory-store.ts";

type Content = string | Uint8Array | undefined;

/** What a fake host starts with. */
export interface FakeHostOptions {
  readonly args?: readonly string[];
  /** Absolute path → text or bytes; `undefined` is a folder. */
  readonly files?: Readonly<Record<string, Content>>;
  /** Absolute path → permission bits; 0o644 where it is left out. */
  readonly modes?: Readonly<Record<string, number>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly isInteractive?: boolean;
  readonly columns?: number;
  readonly version?: string;
  /** Left out, the host has no way to peers. */
  readonly openTransports?: Host["openTransports"];
  /** Thrown by `listen`, as a host whose port is taken does. */
  readonly listenError?: Error;
}

/** A host in memory, and what happened to it. */
export interface FakeHost {
  readonly host: Host;
  /** All that was printed so far. */
  stdout(): string;
  stderr(): string;
  /** Resolves once stdout or stderr contains this. */
  printed(text: string): Promise<void>;
  /** As if the process got SIGTERM. */
  stop(): void;
  /** A file's text and permission bits now; bytes that are no text are as they are. */
  file(path: string): {
    readonly text: string | undefined;
    readonly bytes?: Uint8Array;
    readonly mode: number;
  };
  /** Write a file and tell those who watch it. */
  change(path: string, text: string): void;
  readonly listening: ReadonlyMap<number, FetchHandler>;
  /** As if somebody opened a WebSocket on the port; false where the port takes none. */
  openSocket(port: number, socket: AcceptedSocket): boolean;
}

const streamOf = (content: string | Uint8Array): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });

/** Text where it is one. */
function contentOf(bytes: Uint8Array): Content {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes;
  }
}

function createFiles(
  files: Map<string, Content>,
  modes: Map<string, number>,
  watchers: Map<string, Set<() => void>>,
): FileSystem {
  const refuse = (): never => {
    throw new Error("The fake host has no such operation");
  };
  return {
    async stat(path) {
      if (!files.has(path)) return undefined;
      const text = files.get(path);
      const kind = text === undefined ? "folder" : "file";
      const mode = modes.get(path) ?? 0o644;
      return { kind, sizeBytes: text?.length ?? 0, modifiedAt: new Date(0), mode };
    },
    realPath: async (path) => path,
    async read(path) {
      const text = files.get(path);
      if (text === undefined) throw new Error(`no such file: ${path}`);
      return streamOf(text);
    },
    async write(path, options) {
      const parts: Uint8Array<ArrayBuffer>[] = [];
      return new WritableStream({
        write(bytes) {
          parts.push(new Uint8Array(bytes));
        },
        async close() {
          files.set(path, contentOf(new Uint8Array(await new Blob(parts).arrayBuffer())));
          if (options?.isPrivate) modes.set(path, 0o600);
        },
      });
    },
    list: refuse,
    watch(path, changed) {
      const all = watchers.get(path) ?? new Set();
      watchers.set(path, all.add(changed));
      return () => all.delete(changed);
    },
  };
}

/** A host in memory. */
export function createFakeHost(options: FakeHostOptions = {}): FakeHost {
  const files = new Map<string, Content>(Object.entries(options.files ?? {}));
  // A configuration in the working folder is read only where something names it.
  const named = files.has("/work/mcpp.yaml") ? { MCPP_CONFIG: "/work/mcpp.yaml" } : {};
  const modes = new Map(Object.entries(options.modes ?? {}));
  const watchers = new Map<string, Set<() => void>>();
  const listening = new Map<number, FetchHandler>();
  const takers = new Map<number, NonNullable<ListenOptions["onSocket"]>>();
  const stopping = new AbortController();
  const said = { stdout: "", stderr: "" };
  const waiting = new Set<() => void>();
  const say = async (stream: "stdout" | "stderr", text: string): Promise<void> => {
    said[stream] += text;
    for (const check of waiting) check();
  };
  const host: Host = {
    name: "node",
    version: options.version ?? "24.21.0",
    platform: "linux",
    pid: 1,
    args: options.args ?? [],
    terminal: {
      input: streamOf(options.input ?? ""),
      isInteractive: options.isInteractive ?? false,
      columns: options.columns ?? 80,
      print: (text) => say("stdout", text),
      printError: (text) => say("stderr", text),
    },
    files: createFiles(files, modes, watchers),
    dataHome: "/home/ada/.local/share",
    workingFolder: "/work",
    environment: () => ({ HOME: "/home/ada", ...named, ...options.environment }),
    memory: () => ({ rssBytes: 0, heapBytes: 0 }),
    async listen(fetch, { port, onSocket }: ListenOptions) {
      if (options.listenError) throw options.listenError;
      const actual = port || 49_152;
      listening.set(actual, fetch);
      if (onSocket) takers.set(actual, onSocket);
      return {
        port: actual,
        async close() {
          listening.delete(actual);
        },
      };
    },
    spawn: () => Promise.reject(new Error("The fake host starts no program")),
    ...(options.openTransports && { openTransports: options.openTransports }),
    resolveAddresses: async () => ["127.0.0.1"],
    openStore: async () => createMemoryStore(),
    stopRequested: stopping.signal,
    exit(code) {
      throw new Error(`exit ${code}`);
    },
  };
  return {
    host,
    listening,
    openSocket(port, socket) {
      takers.get(port)?.(socket);
      return takers.has(port);
    },
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    stop: () => stopping.abort(),
    file: (path) => {
      const content = files.get(path);
      const mode = modes.get(path) ?? 0o644;
      return content instanceof Uint8Array
        ? { text: undefined, bytes: content, mode }
        : { text: content, mode };
    },
    change(path, text) {
      files.set(path, text);
      for (const changed of watchers.get(path) ?? []) changed();
    },
    printed: (text) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!`${said.stdout}\n${said.stderr}`.includes(text)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
  };
}
