/**
 * `fetch` for mounted HTTP servers: every address is checked, also those of redirects, and no
 * answer is read without bound.
 *
 * The check and the connection look a name up separately; a name that changes in between can pass.
 * No host lets `fetch` connect to an address that was checked, so the rest is left to the network.
 *
 * @module
 */

import { ToolError } from "../errors.ts";
import { type AddressPolicy, assertReachable } from "./ssrf.ts";

/** What the guarded fetch allows. */
export interface GuardedFetchOptions extends AddressPolicy {
  /** Of one JSON answer, or of one event of a stream. */
  readonly maxMessageBytes: number;
  readonly fetch: typeof fetch;
}

/** The part of `fetch` that the SDK's transport uses. */
export type GuardedFetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

const MAX_REDIRECTS = 5;

/** A `fetch` that asks {@link assertReachable} before each hop. */
export function createGuardedFetch(options: GuardedFetchOptions): GuardedFetch {
  return async (target, init) => {
    let url = new URL(target);
    for (let hops = 0; ; hops += 1) {
      await assertReachable(url, options);
      const response = await options.fetch(url, { ...init, redirect: "manual" });
      const next = redirectOf(response, url, init, hops);
      if (!next) return bounded(response, options, init?.signal);
      await response.body?.cancel();
      url = next;
    }
  };
}

/** Only 307 and 308 keep the method, and only the same origin may see our headers. */
function redirectOf(
  response: Response,
  from: URL,
  init: RequestInit | undefined,
  hops: number,
): URL | undefined {
  const location = response.headers.get("location");
  if (location === null || hops >= MAX_REDIRECTS) return undefined;
  const keepsMethod = response.status === 307 || response.status === 308;
  const isRead = (init?.method ?? "GET") === "GET" && [301, 302, 303].includes(response.status);
  const next = new URL(location, from);
  return (keepsMethod || isRead) && next.origin === from.origin ? next : undefined;
}

/**
 * The signal is given to the body once more: Deno 2.9 forgets the one of its `fetch` when memory is
 * collected while the body is read, and a stream of events would stay open for ever.
 */
function bounded(
  response: Response,
  options: GuardedFetchOptions,
  signal: AbortSignal | null | undefined,
): Response {
  const { body, status, statusText, headers } = response;
  if (!body) return response;
  const isStream = headers.get("content-type")?.startsWith("text/event-stream") === true;
  let unfinished = 0;
  const counted = body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        const counts = isStream
          ? countEvents(unfinished, chunk)
          : { longest: unfinished + chunk.length, unfinished: unfinished + chunk.length };
        unfinished = counts.unfinished;
        if (counts.longest > options.maxMessageBytes) controller.error(tooLarge(options));
        else controller.enqueue(chunk);
      },
    }),
    signal ? { signal } : {},
  );
  return new Response(counted, { status, statusText, headers });
}

/** Bytes of the longest event that `chunk` adds to, and of the one that it leaves open. */
function countEvents(
  before: number,
  chunk: Uint8Array,
): { readonly longest: number; readonly unfinished: number } {
  let longest = 0;
  let start = -before;
  for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) {
    const previous = chunk[at - 1];
    // An empty line ends an event.
    const isEmpty = previous === 10 || (previous === 13 && chunk[at - 2] === 10);
    if (!isEmpty) continue;
    longest = Math.max(longest, at - start);
    start = at + 1;
  }
  const unfinished = chunk.length - start;
  return { longest: Math.max(longest, unfinished), unfinished };
}

function tooLarge({ upstream, maxMessageBytes }: GuardedFetchOptions): ToolError {
  return new ToolError(
    "too_large",
    `"${upstream}" answered with more than ${maxMessageBytes} bytes; ask for less, or raise upstream.maxResultBytes`,
    { data: { upstream, maxBytes: maxMessageBytes } },
  );
}
