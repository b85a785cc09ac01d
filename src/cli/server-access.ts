/** The running server, asked over HTTP. @module */

import type { Config } from "../config/config.ts";
import {
  AuthError,
  errorOfReport,
  MeshError,
  messageOf,
  ToolError,
  UnavailableError,
} from "../errors.ts";
import type { CliContext } from "./context.ts";
import type { ServerFlags } from "./flags.ts";
import { urlOf } from "./listen.ts";
import { readConfig } from "./open-app.ts";
import { unlessStopped } from "./stop-requested.ts";

/** A running server. */
export interface ServerAccess {
  readonly url: string;
  /** Call one of its tools; gives the structured result. */
  call(tool: string, input: object): Promise<unknown>;
}

/** Why no server can be found where the configuration names no port. */
export const NO_PORT = "the port of this configuration is any free one";

/** Who answers on this machine does so within this time, or is stuck. */
const FIND_WITHIN_MS = 2000;

/** Ask the running server; throws `address_unavailable` where there is none. */
export async function withServer<T>(
  context: CliContext,
  flags: ServerFlags,
  use: (server: ServerAccess) => Promise<T>,
): Promise<T> {
  // Takes Ctrl-C over before anything is open.
  await unlessStopped(context.host, Promise.resolve());
  const { loaded } = await readConfig(context, flags);
  const found = await findServer(context, flags, loaded.config);
  if (typeof found !== "string") return await use(found);
  const help = "start one with mcpp serve, or name a running one with --server";
  const message = found === NO_PORT ? `No server can be found: ${found}` : found;
  throw new UnavailableError("address_unavailable", `${message}; ${help}`);
}

/** The running server of the flags or the configuration, or why there is none to ask. */
export async function findServer(
  context: CliContext,
  { server, key }: Pick<ServerFlags, "server" | "key">,
  { listen }: Pick<Config, "listen">,
): Promise<ServerAccess | string> {
  if (server === undefined && listen.port === 0) return NO_PORT;
  const url = (server ?? urlOf(listen.hostname, listen.port)).replace(/\/+$/, "");
  const trouble = await troubleAt(url);
  if (trouble === undefined) {
    return serverAccess(context, url, key ?? context.host.environment().MCPP_KEY);
  }
  if (server === undefined) return trouble;
  throw new UnavailableError(
    "address_unavailable",
    `${trouble}; --server takes the address of a running mcpp serve`,
    { data: { url } },
  );
}

/** Why no server of ours can be asked at an address; nothing where one can. */
export async function troubleAt(url: string): Promise<string | undefined> {
  try {
    const answer = await fetch(`${url}/`, {
      headers: { accept: "application/json" },
      signal: AbortSignal.timeout(FIND_WITHIN_MS),
    });
    const about: unknown = await answer.json();
    // What it is, or why this caller is not told.
    const isOurs =
      typeof about === "object" && about !== null && ("mcp" in about || "code" in about);
    return isOurs ? undefined : `What listens at ${url} is another program`;
  } catch (error) {
    if (error instanceof SyntaxError) return `What listens at ${url} is another program`;
    return `No server runs at ${url}`;
  }
}

function serverAccess({ host }: CliContext, url: string, key: string | undefined): ServerAccess {
  return {
    url,
    async call(tool, input) {
      const asking = fetch(`${url}/tools/${encodeURIComponent(tool)}`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
        },
        body: JSON.stringify(input),
        signal: host.stopRequested,
      }).then(async (answer) => ({ isOk: answer.ok, body: (await answer.json()) as unknown }));
      const { isOk, body } = await unlessStopped(host, asking).catch((cause: unknown) => {
        if (cause instanceof MeshError) throw cause;
        const message = `The server at ${url} did not answer ${tool}: ${messageOf(cause)}`;
        throw new UnavailableError("address_unavailable", message, { cause, data: { url } });
      });
      if (isOk) return (body as { readonly structuredContent?: unknown }).structuredContent;
      throw failureOf(body, url, key !== undefined);
    },
  };
}

/** What a server answered instead of a result, as the error that it is. */
function failureOf(body: unknown, url: string, hasKey: boolean): MeshError {
  const { code, message, data } = body as Readonly<Record<string, unknown>>;
  if (typeof code !== "string" || typeof message !== "string") {
    return new UnavailableError(
      "address_unavailable",
      `The server at ${url} answered what is no answer of ours`,
    );
  }
  if (code === "unauthenticated" && !hasKey) {
    return new AuthError("unauthenticated", `${message}; name a key with --key or MCPP_KEY`);
  }
  const report = {
    code,
    message,
    ...(typeof data === "object" && data !== null && { data: { ...data } }),
  };
  return errorOfReport(report) ?? new ToolError("tool_failed", message);
}
