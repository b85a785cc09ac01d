/**
 * Keeps web pages out: a page can make its visitor's browser send requests here, by its own name
 * (DNS rebinding) or from its own origin. Which names and origins are right is decided once each
 * and remembered, so that a check costs about a microsecond.
 *
 * @module
 */

import { AuthError } from "../errors.ts";

/** Which requests are let in. */
export interface GuardOptions {
  /** Names by which this server may be asked for, with a port or for any; `*` for all names. */
  readonly hosts: readonly string[];
  /** Origins whose pages may ask, such as `https://app.example`. */
  readonly origins: readonly string[];
}

/** Looks at the `Host` and `Origin` of requests. */
export interface Guard {
  /** Throws `forbidden_host` or `forbidden_origin`. */
  check(request: Request): void;
}

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"] as const;

/** Addresses to listen on that are no name to ask for; browsers take `0.0.0.0` for this machine. */
const WILDCARDS: ReadonlySet<string> = new Set(["0.0.0.0", "::", "[::]", ""]);

/** More different values than this are an attack or a proxy: what was remembered is dropped. */
const MAX_REMEMBERED = 256;

/** The names of a server that listens on `hostname`: this machine's own, its own, and those given. */
export function allowedHosts(hostname: string, more: readonly string[]): readonly string[] {
  const own = hostname.includes(":") && !hostname.startsWith("[") ? `[${hostname}]` : hostname;
  return [...new Set([...LOOPBACK, ...(WILDCARDS.has(hostname) ? [] : [own]), ...more])];
}

/** `[::1]:8000` → `[::1]`; what is not a host stays as it is. */
function withoutPort(host: string): string {
  return host.replace(/:\d{1,5}$/, "");
}

/** What `new URL` would call the host of a request without a `Host` header. */
function hostOfUrl(url: string): string {
  const start = url.indexOf("://") + 3;
  const end = url.slice(start).search(/[/?#]/);
  return end < 0 ? url.slice(start) : url.slice(start, start + end);
}

/** What was decided about a host, and about the origins that came with it. */
interface Verdict {
  readonly isAllowed: boolean;
  readonly origins: Map<string, boolean>;
}

/** A guard with these names and origins. */
export function createGuard({ hosts, origins }: GuardOptions): Guard {
  const knownHosts = new Set(hosts.map((host) => host.toLowerCase()));
  const knownOrigins = new Set(origins.map((origin) => origin.toLowerCase().replace(/\/$/, "")));
  const verdicts = new Map<string, Verdict>();

  const isKnownHost = (host: string): boolean =>
    knownHosts.has(host) || knownHosts.has(withoutPort(host)) || knownHosts.has("*");

  /** Pages of this very server, of a configured origin, and for a local server of local ones. */
  const isKnownOrigin = (origin: string, host: string): boolean => {
    if (knownOrigins.has(origin)) return true;
    const [scheme, authority = ""] = origin.split("://");
    if (scheme !== "http" && scheme !== "https") return false;
    return authority === host || (isLoopback(authority) && isLoopback(host));
  };

  const judge = (host: string): Verdict => {
    if (verdicts.size >= MAX_REMEMBERED) verdicts.clear();
    const verdict = { isAllowed: isKnownHost(host.toLowerCase()), origins: new Map() };
    verdicts.set(host, verdict);
    return verdict;
  };

  return {
    check({ headers, url }) {
      const host = headers.get("host") ?? hostOfUrl(url);
      const verdict = verdicts.get(host) ?? judge(host);
      if (!verdict.isAllowed) throw wrongHost(host);
      const origin = headers.get("origin");
      if (origin === null) return;
      let isAllowed = verdict.origins.get(origin);
      if (isAllowed === undefined) {
        isAllowed = isKnownOrigin(origin.toLowerCase(), host.toLowerCase());
        if (verdict.origins.size >= MAX_REMEMBERED) verdict.origins.clear();
        verdict.origins.set(origin, isAllowed);
      }
      if (!isAllowed) throw wrongOrigin(origin);
    },
  };
}

function isLoopback(host: string): boolean {
  const name = withoutPort(host);
  return LOOPBACK.some((own) => own === name);
}

function wrongHost(host: string): AuthError {
  return new AuthError(
    "forbidden_host",
    `This server does not go by the name "${shown(host)}": add it to listen.allowedHosts if it should`,
    { data: { host: shown(host) } },
  );
}

function wrongOrigin(origin: string): AuthError {
  return new AuthError(
    "forbidden_origin",
    `Pages of "${shown(origin)}" may not use this server: add that origin to listen.allowedOrigins if they should`,
    { data: { origin: shown(origin) } },
  );
}

function shown(value: string): string {
  return value.length > 100 ? `${value.slice(0, 100)}…` : value;
}
