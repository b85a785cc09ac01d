/**
 * The few calls of GitHub's REST API that a registry of peers needs: pages are followed, what has
 * not changed is not sent again, and a limit is respected before the next request.
 *
 * @module
 */

import type { Clock } from "../concurrency/clock.ts";
import { AuthError, IntegrityError, UnavailableError } from "../errors.ts";
import { readText } from "./read-text.ts";
import type { Fetch } from "./rendezvous-source.ts";

/** Where the API is and who asks. */
export interface GithubApiNeeds {
  /** `https://api.github.com`, or that of an own server. */
  readonly apiUrl: string;
  /** Reading public repositories works without. */
  readonly token: string | undefined;
  readonly fetch: Fetch;
  readonly clock: Clock;
}

/** Calls of the API; paths begin with `/repos/…`. */
export interface GithubApi {
  /** Every item of a list, over all its pages. */
  list(path: string, signal: AbortSignal): Promise<readonly unknown[]>;
  send(
    method: "POST" | "PATCH" | "DELETE",
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<unknown>;
}

interface Page {
  readonly etag: string | null;
  readonly items: readonly unknown[];
  readonly next: string | undefined;
}

/** A hundred comments a page; a registry of more than five thousand nodes needs another home. */
const MAX_PAGES = 50;
const MAX_BYTES: number = 16 * 1024 * 1024;

/** Where a limit does not say how long, and the longest that is waited. */
const DEFAULT_PAUSE_MS = 60_000;
const MAX_PAUSE_MS = 3_600_000;

/** A client of the API. */
export function createGithubApi({ apiUrl, token, fetch, clock }: GithubApiNeeds): GithubApi {
  const base = apiUrl.replace(/\/+$/, "");
  const pages = new Map<string, Page>();
  let notBefore = 0;

  const request = async (url: string, init: RequestInit): Promise<Response> => {
    if (clock.now() < notBefore) throw limited(notBefore - clock.now());
    const response = await fetch(url, {
      ...init,
      headers: {
        accept: "application/vnd.github+json",
        "user-agent": "mcplusplus",
        "x-github-api-version": "2022-11-28",
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...init.headers,
      },
    });
    if (response.ok || response.status === 304) return response;
    const pauseMs = pauseOf(response, clock.now());
    const said = await readText(response, MAX_BYTES, url);
    if (pauseMs !== undefined) {
      notBefore = clock.now() + pauseMs;
      throw limited(pauseMs);
    }
    throw refusal(response.status, url, said, token !== undefined);
  };

  const page = async (url: string, signal: AbortSignal): Promise<Page> => {
    const known = pages.get(url);
    const headers = known?.etag ? { "if-none-match": known.etag } : {};
    const response = await request(url, { headers, signal });
    if (response.status === 304 && known) return known;
    const items = jsonOf(await readText(response, MAX_BYTES, url), url);
    if (!Array.isArray(items)) throw notJson(url, "a list");
    const found = { etag: response.headers.get("etag"), items, next: nextOf(response, base, url) };
    pages.set(url, found);
    return found;
  };

  return {
    async list(path, signal) {
      const items: unknown[] = [];
      let url: string | undefined = `${base}${path}`;
      for (let count = 0; url !== undefined && count < MAX_PAGES; count += 1) {
        const found: Page = await page(url, signal);
        items.push(...found.items);
        url = found.next;
      }
      return items;
    },
    async send(method, path, body, signal) {
      const url = `${base}${path}`;
      const init = { method, signal, headers: { "content-type": "application/json" } };
      const text = body === undefined ? {} : { body: JSON.stringify(body) };
      const response = await request(url, { ...init, ...text });
      const answer = await readText(response, MAX_BYTES, url);
      return answer === "" ? undefined : jsonOf(answer, url);
    },
  };
}

/** How long to leave the API alone; missing where the refusal is none of its limits. */
function pauseOf({ status, headers }: Response, now: number): number | undefined {
  if (status !== 403 && status !== 429) return undefined;
  const retryAfter = Number(headers.get("retry-after") ?? Number.NaN);
  if (Number.isFinite(retryAfter)) return bounded(retryAfter * 1000);
  if (headers.get("x-ratelimit-remaining") === "0") {
    const reset = Number(headers.get("x-ratelimit-reset") ?? Number.NaN);
    return Number.isFinite(reset) ? bounded(reset * 1000 - now) : DEFAULT_PAUSE_MS;
  }
  return status === 429 ? DEFAULT_PAUSE_MS : undefined;
}

const bounded = (ms: number): number => Math.min(MAX_PAUSE_MS, Math.max(1_000, ms));

function limited(pauseMs: number): UnavailableError {
  const seconds = Math.ceil(pauseMs / 1000);
  return new UnavailableError(
    "rate_limited",
    `GitHub's limit is reached; it is asked again in ${seconds} s`,
    { data: { retryAfterMs: pauseMs } },
  );
}

function refusal(status: number, url: string, said: string, hasToken: boolean): Error {
  const data = { url, status };
  const words = messageIn(said);
  if (status === 401 || status === 403) {
    const way = hasToken
      ? "the token needs the right to write issues of this repository"
      : "give a token in GITHUB_TOKEN";
    return new AuthError("capability_missing", `${url} answered ${status} (${words}): ${way}`, {
      data,
    });
  }
  return new UnavailableError("runtime_unavailable", `${url} answered ${status} (${words})`, {
    data,
  });
}

/** GitHub explains itself in `message`; other servers in whatever they have. */
function messageIn(text: string): string {
  try {
    const { message } = JSON.parse(text);
    if (typeof message === "string") return message.slice(0, 200);
  } catch {
    // Not JSON: a proxy's page, of which the beginning says enough.
  }
  return text.slice(0, 100).trim() || "no reason given";
}

function jsonOf(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notJson(url, "JSON");
  }
}

function notJson(url: string, what: string): IntegrityError {
  return new IntegrityError("schema_mismatch", `${url} did not answer with ${what}`, {
    data: { url },
  });
}

/** The next page; only on the same server, to which the token may go. */
function nextOf({ headers }: Response, base: string, url: string): string | undefined {
  const link = headers
    .get("link")
    ?.split(",")
    .find((part) => /;\s*rel="?next"?/.test(part));
  const target = /<([^>]+)>/.exec(link ?? "")?.[1];
  if (target === undefined) return undefined;
  const next = new URL(target, url);
  return next.origin === new URL(base).origin ? next.href : undefined;
}
