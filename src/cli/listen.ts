/** Listening, with sentences for what may go wrong. @module */

import { InputError, UnavailableError } from "../errors.ts";
import type { FetchHandler, Host, HttpServer, ListenOptions } from "../host.ts";

/** The code or name by which Node, Bun or Deno tell why they cannot listen. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const { code } = error as Error & { readonly code?: unknown };
  return `${typeof code === "string" ? code : ""} ${error.name}`;
}

/** `host:port`, with an IPv6 address in brackets. */
export function formatAddress({ hostname, port }: ListenOptions): string {
  return hostname.includes(":") && !hostname.startsWith("[")
    ? `[${hostname}]:${port}`
    : `${hostname}:${port}`;
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
  /** Answer with this from now on, also what came before. */
  answerWith(fetch: FetchHandler): void;
}

/** Listen before there is an app, which must know its own address; requests wait for it. */
export async function listenEarly(
  host: Pick<Host, "listen">,
  options: ListenOptions,
): Promise<EarlyListener> {
  const { promise, resolve } = Promise.withResolvers<FetchHandler>();
  let answer: FetchHandler = (request) => promise.then((fetch) => fetch(request));
  const server = await listen(host, (request) => answer(request), options);
  return {
    server,
    origin: urlOf(options.hostname, server.port),
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
    const details = { cause, data: { ...options } };
    if (isTaken(cause)) {
      const message = `${address} is already in use: stop the program that has it (mcpp doctor names it), or take any free port with --port 0`;
      throw new UnavailableError("address_unavailable", message, details);
    }
    if (/EACCES|PermissionDenied|EPERM/.test(reasonOf(cause))) {
      const message = `This user may not listen on ${address}: ports below 1024 belong to root on many systems; take a higher one with --port`;
      throw new UnavailableError("address_unavailable", message, details);
    }
    if (/EADDRNOTAVAIL|AddrNotAvailable|ENOTFOUND|EAI_AGAIN/.test(reasonOf(cause))) {
      const message = `listen.hostname "${options.hostname}" is no address of this machine: use 127.0.0.1, or 0.0.0.0 for every address`;
      throw new InputError("invalid_config", message, details);
    }
    throw cause;
  }
}
