/** What no single setting can say: which settings do not go together. @module */

import type { Config, SettingKey } from "./config.ts";
import { missingFeatures } from "./features.ts";

/** A fault of the configuration as a whole. */
export interface Clash {
  /** The setting to look at. */
  readonly key: SettingKey;
  readonly message: string;
}

/** What is wrong, and what is merely worth a word. */
export interface Findings {
  readonly clashes: readonly Clash[];
  readonly warnings: readonly string[];
}

/** Whether only this machine reaches a server that listens on `hostname`. */
export function isLoopback(hostname: string): boolean {
  const bare = hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  return bare === "localhost" || bare === "::1" || /^127(?:\.\d{1,3}){3}$/.test(bare);
}

function* listenClashes({ listen, auth }: Config): Iterable<Clash> {
  if (isLoopback(listen.hostname) || listen.insecure) return;
  const hostname = `listen.hostname "${listen.hostname}" is reachable from other machines`;
  if (auth.keys.length === 0 && auth.jwt === undefined) {
    const message = `${hostname}, and anybody there could call every tool: make a key with "mcpp key create" and put it under auth.keys, or say listen.insecure: true (--insecure) if that is meant`;
    yield { key: "listen.hostname", message };
  } else if (auth.anonymous) {
    const message = `${hostname} and auth.anonymous lets callers in without credentials: leave auth.anonymous out, or say listen.insecure: true (--insecure) if that is meant`;
    yield { key: "auth.anonymous", message };
  }
}

function* authClashes({ auth }: Config): Iterable<Clash> {
  const ids = auth.keys.map(({ id }) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) {
    yield { key: "auth.keys", message: `auth.keys has two keys with the id "${twice}"` };
  }
  if (auth.jwt === undefined) return;
  const { jwks, jwksUri } = auth.jwt;
  if ((jwks === undefined) === (jwksUri === undefined)) {
    const message = `auth.jwt needs either jwksUri or jwks, and has ${jwks ? "both" : "neither"}`;
    yield { key: "auth.jwt", message };
  }
  if (jwksUri !== undefined && !isSafeUrl(jwksUri)) {
    const message = `auth.jwt.jwksUri "${jwksUri}" must be https: whoever sits between could sign tokens`;
    yield { key: "auth.jwt", message };
  }
}

function isSafeUrl(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
}

function* featureClashes({ features }: Config): Iterable<Clash> {
  for (const name of missingFeatures(features)) {
    const message = `features.${name} is on, but this version has no such feature: leave it out`;
    yield { key: `features.${name}`, message };
  }
}

function* warningsOf({ view, pinned, listen, features, mcpServers }: Config): Iterable<string> {
  if (view === "hybrid" && pinned.length === 0) {
    yield "view is hybrid, but pinned names no category: clients see the meta-tools only";
  }
  if (!isLoopback(listen.hostname) && listen.insecure) {
    yield `anybody who reaches ${listen.hostname}:${listen.port} can call every tool (listen.insecure)`;
  }
  if (!isLoopback(listen.hostname) && listen.allowedHosts.length === 0) {
    yield "requests that name this machine by its host name are refused until listen.allowedHosts lists that name";
  }
  if (!features.upstream && Object.keys(mcpServers).length > 0) {
    yield "mcpServers is ignored, because features.upstream is off";
  }
}

/** What a complete configuration says that cannot be, or may not be meant. */
export function checkConfig(config: Config): Findings {
  return {
    clashes: [...listenClashes(config), ...authClashes(config), ...featureClashes(config)],
    warnings: [...warningsOf(config)],
  };
}
