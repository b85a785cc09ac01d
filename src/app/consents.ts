/**
 * People who were asked to allow the use of a mounted server, until they come back from its
 * authorization server to `/oauth/callback`, or their time is over.
 *
 * @module
 */

import type { Clock } from "../concurrency/clock.ts";
import { DeadlineError } from "../errors.ts";
import { CALLBACK_PATH } from "../server/oauth-callback.ts";
import type { EventFeed } from "../telemetry/event-feed.ts";
import type { Consent, ConsentRequest } from "../upstream/consent.ts";

/** The open requests for consent. */
export interface Consents {
  /** The way to whoever opens the address in a browser that reaches this server at `origin`. */
  at(origin: string): Consent;
  /** Somebody came back with these parameters; false where nobody waits for them. */
  arrived(params: URLSearchParams): boolean;
}

const ASK_FOR_MS = 600_000;

/** Nobody is asked yet. */
export function createConsents({ clock, feed }: { clock: Clock; feed: EventFeed }): Consents {
  const open = new Map<string, (params: URLSearchParams) => void>();
  const ask = async ({ upstream, url, state, signal }: ConsentRequest) => {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<URLSearchParams>();
    const stop = (): void => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    const disarm = clock.after(ASK_FOR_MS, () => reject(nobodyCame(upstream)));
    open.set(state, resolve);
    feed.publish({ type: "consent", upstream, url });
    try {
      return await promise;
    } finally {
      open.delete(state);
      disarm();
      signal.removeEventListener("abort", stop);
    }
  };
  return {
    at: (origin) => ({ redirectUrl: `${origin}${CALLBACK_PATH}`, ask }),
    arrived(params) {
      const state = params.get("state") ?? "";
      const answer = open.get(state);
      open.delete(state);
      answer?.(params);
      return answer !== undefined;
    },
  };
}

function nobodyCame(upstream: string): DeadlineError {
  return new DeadlineError(
    "deadline_exceeded",
    `Nobody allowed the use of "${upstream}" within ${ASK_FOR_MS / 60_000} minutes; start it again to be asked again`,
    { data: { upstream, timeoutMs: ASK_FOR_MS } },
  );
}
