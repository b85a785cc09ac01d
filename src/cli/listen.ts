/** Listening, with sentences for what may go wrong. @module */

import type { AppPlace } from "../app-types.ts";
import type { Config } from "../config/config.ts";
import { InputError, UnavailableError } from "../errors.ts";
import type { FetchHandler, Host, HttpServer, ListenOptions, SocketFeed } from "../host.ts";
import { createSocketFeed } from "./socket-feed.ts";

/** The code or name by which Node, Bun or Deno tell why they cannot listen. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const { code } = error as Error & { readonly code?: unknown };
  return `${typeof code === "string" ? code : ""} ${error.name}`;
}

/** `host:port`, with an IPv6 address in brackets. */
export function formatAddress({
  hostname,
  port,
}: Pick<ListenOptions, "hostname" | "port">): string {
  return hostname.includes(":") && !hostname.startsWith("[")
    ? `[${hostname}]:${port}`
    : `${hostname}:${port}`;
}

/** How a server takes part: on this port, in the mesh where the configuration has one. */
export function placeOf({ origin, sockets }: EarlyListener): AppPlace {
  return { origin, meshRole: "server", ...(sockets && { sockets }) };
}

/** Where a browser or client on this machine finds a server that listens on `hostname`. */
export function urlOf(hostname: string, port: number): string {
  const isAny = hostname === "0.0.0.0" || hostname === "::" || hostname === "[::]";
  return `http://${formatAddress({ hostname: isAny ? "127.0.0.1" : hostname, port })}`;
}

/** Whether somebody else listens on the address that was asked for. */
export function isTaken(error: unknown): boolean {
  return /EADDRINUSE|AddrInUse/.test(reasonOf(error));
}

/** A listener that is there before what answers its requests. */
export interface EarlyListener {
  readonly server: HttpServer;
  /** Where a browser on this machine reaches it. */
  readonly origin: string;
  /** The WebSockets that are opened on the port, where they were asked for. */
  readonly sockets?: SocketFeed;
  /** Answer with this from now on, also what came before. */
  answerWith(fetch: FetchHandler): void;
}

/** What of a configuration says where to listen, and whether for peers too. */
export interface ListenConfig {
  readonly listen: Pick<Config["listen"], "hostname" | "port">;
  readonly features: Pick<Config["features"], "mesh">;
  readonly mesh: Pick<Config["mesh"], "webSocket">;
}

/**
 * Listen before there is an app, which must know its own address; requests and sockets wait for it.
 */
export async function listenEarly(
  host: Pick<Host, "listen">,
  { listen: { hostname, port }, features, mesh }: ListenConfig,
): Promise<EarlyListener> {
  const { promise, resolve } = Promise.withResolvers<FetchHandler>();
  let answer: FetchHandler = (request) => promise.then((fetch) => fetch(request));
  let actualPort = port;
  const takesSockets = features.mesh && mesh.webSocket;
  const sockets = takesSockets ? createSocketFeed(() => actualPort) : undefined;
  const server = await listen(host, (request) => answer(request), {
    hostname,
    port,
    ...(sockets && { onSocket: sockets.accept }),
  });
  actualPort = server.port;
  return {
    server,
    origin: urlOf(hostname, server.port),
    ...(sockets && { sockets }),
    answerWith(fetch) {
      answer = fetch;
      resolve(fetch);
    },
  };
}

/** Listen; throws `address_unavailable` where the port is taken or not allowed. */
export async function listen(
  host: Pick<Host, "listen">,
  fetch: FetchHandler,
  options: ListenOptions,
): Promise<HttpServer> {
  try {
    return await host.listen(fetch, options);
  } catch (cause) {
    const address = formatAddress(options);
    const { hostname, port } = options;
    const details = { cause, data: { hostname, port } };
    if (isTaken(cause)) {
      const message = `${address} is already in use: stop the program that has it (mcpp doctor names it), or take any free port with --port 0`;
      throw new UnavailableError("address_unavailable", message, details);
    }
    if (/EACCES|PermissionDenied|EPERM/.test(reasonOf(cause))) {
      const message = `This user may not listen on ${address}: ports below 1024 belong to root on many systems; take a higher one with --port`;
      throw new UnavailableError("address_unavailable", message, details);
    }
    if (/EADDRNOTAVAIL|AddrNotAvailable|ENOTFOUND|EAI_AGAIN/.test(reasonOf(cause))) {
      const message = `listen.hostname "${hostname}" is no address of this machine: use 127.0.0.1, or 0.0.0.0 for every address`;
      throw new InputError("invalid_config", message, details);
    }
    throw cause;
  }
}
