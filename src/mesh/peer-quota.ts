/** How much one peer may ask of this node: requests at once, requests and bytes a second. @module */

import type { Clock } from "../concurrency/clock.ts";
import { UnavailableError } from "../errors.ts";
import type { PeerLimits } from "../registry/peer-limits.ts";

/** The use that one peer makes of this node, over all of its streams. */
export interface PeerQuota {
  readonly inFlight: number;
  /** Nothing runs, and what was used is paid back: a new quota would be the same. */
  readonly isRested: boolean;
  /** Count what arrived; gives how long reading should rest, in ms, to keep to the rate. */
  received(bytes: number): number;
  /** Admit a request, or say why not: `rate_limited` or `queue_full` with `retryAfterMs`. */
  admit(): UnavailableError | undefined;
  /** An admitted request is answered. */
  done(): void;
}

/** How long to wait for one of the requests in flight, when there is no telling. */
const BUSY_RETRY_MS = 100;

/** A quota that reads its limits at each request, so that a reload takes effect at once. */
export function createPeerQuota(
  peer: string,
  limits: () => PeerLimits,
  clock: Pick<Clock, "monotonic">,
): PeerQuota {
  const requests = createBucket(clock);
  const bytes = createBucket(clock);
  let inFlight = 0;
  const refuse = (
    code: "rate_limited" | "queue_full",
    message: string,
    retryAfterMs: number,
  ): UnavailableError => new UnavailableError(code, message, { data: { peer, retryAfterMs } });
  return {
    get inFlight() {
      return inFlight;
    },
    get isRested() {
      const { bytesPerSecond, requestsPerSecond, requestBurst } = limits();
      return (
        inFlight === 0 &&
        bytes.isFull(bytesPerSecond, bytesPerSecond) &&
        requests.isFull(requestBurst, requestsPerSecond)
      );
    },
    received(count) {
      const { bytesPerSecond } = limits();
      // A second's worth may come at once: a frame of the largest size must fit.
      return bytesPerSecond === 0 ? 0 : bytes.owe(count, bytesPerSecond, bytesPerSecond);
    },
    admit() {
      const { requestsPerPeer, requestsPerSecond, requestBurst } = limits();
      if (inFlight >= requestsPerPeer) {
        return refuse(
          "queue_full",
          `${inFlight} requests of this peer are in flight, the most it may have; wait for one of them`,
          BUSY_RETRY_MS,
        );
      }
      const waitMs = requestsPerSecond === 0 ? 0 : requests.take(requestBurst, requestsPerSecond);
      if (waitMs > 0) {
        return refuse(
          "rate_limited",
          `This peer may send ${requestsPerSecond} new requests a second; wait ${waitMs} ms`,
          waitMs,
        );
      }
      inFlight += 1;
      return undefined;
    },
    done() {
      inFlight -= 1;
    },
  };
}

interface Bucket {
  /** Take one token, or give the time until there is one, in ms. */
  take(capacity: number, perSecond: number): number;
  /** Take tokens that may not be there; gives the time until the debt is paid, in ms. */
  owe(count: number, capacity: number, perSecond: number): number;
  isFull(capacity: number, perSecond: number): boolean;
}

function createBucket(clock: Pick<Clock, "monotonic">): Bucket {
  let tokens = Number.POSITIVE_INFINITY;
  let at = clock.monotonic();
  const fill = (capacity: number, perSecond: number): void => {
    const now = clock.monotonic();
    tokens = Math.min(capacity, tokens + ((now - at) / 1000) * perSecond);
    at = now;
  };
  const msUntil = (wanted: number, perSecond: number): number =>
    Math.ceil(((wanted - tokens) / perSecond) * 1000);
  return {
    take(capacity, perSecond) {
      fill(capacity, perSecond);
      if (tokens < 1) return msUntil(1, perSecond);
      tokens -= 1;
      return 0;
    },
    owe(count, capacity, perSecond) {
      fill(capacity, perSecond);
      tokens -= count;
      return tokens >= 0 ? 0 : msUntil(0, perSecond);
    },
    isFull(capacity, perSecond) {
      fill(capacity, perSecond);
      return tokens >= capacity;
    },
  };
}
