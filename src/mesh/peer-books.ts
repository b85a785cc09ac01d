/** What is counted about each peer: what we asked of it, and what it asked of us. @module */

/** How many of the last calls are kept with their times. */
const KEPT_CALLS = 2048;

/** Peers that are remembered; the one that was not heard of for longest goes first. */
const KEPT_PEERS = 4096;

/** The last calls of a peer within some time. */
export interface CallWindow {
  readonly calls: number;
  readonly errors: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** The counters of one peer. */
export class PeerBook {
  /** Calls that found an open stream. */
  reused = 0;
  calls = 0;
  inFlight = 0;
  dials = 0;
  dialFailures = 0;
  /** Requests of the peer that were answered here, and those that were refused over a limit. */
  served = 0;
  refused = 0;
  bytesIn = 0;
  bytesOut = 0;
  readonly #at = new Float64Array(KEPT_CALLS);
  readonly #ms = new Float64Array(KEPT_CALLS);
  readonly #failed = new Uint8Array(KEPT_CALLS);
  #ended = 0;

  /** A call ended at `at` (monotonic) after `ms`. */
  ended(at: number, ms: number, isFailed: boolean): void {
    const slot = this.#ended % KEPT_CALLS;
    this.#at[slot] = at;
    this.#ms[slot] = ms;
    this.#failed[slot] = isFailed ? 1 : 0;
    this.#ended += 1;
  }

  /** What ended after `since`, of the last {@link KEPT_CALLS}. */
  window(since: number): CallWindow {
    const times: number[] = [];
    let errors = 0;
    for (let slot = 0; slot < Math.min(this.#ended, KEPT_CALLS); slot += 1) {
      if ((this.#at[slot] ?? 0) < since) continue;
      times.push(this.#ms[slot] ?? 0);
      errors += this.#failed[slot] ?? 0;
    }
    times.sort((a, b) => a - b);
    const at = (part: number): number => times[Math.floor((times.length - 1) * part)] ?? 0;
    return { calls: times.length, errors, p50Ms: at(0.5), p99Ms: at(0.99) };
  }
}

/** The books of all peers. */
export interface PeerBooks {
  of(peer: string): PeerBook;
  readonly all: ReadonlyMap<string, PeerBook>;
}

/** Empty books. */
export function createPeerBooks(): PeerBooks {
  const all = new Map<string, PeerBook>();
  return {
    all,
    of(peer) {
      const known = all.get(peer);
      if (known) return known;
      const book = new PeerBook();
      all.set(peer, book);
      if (all.size > KEPT_PEERS) {
        for (const oldest of all.keys()) {
          all.delete(oldest);
          break;
        }
      }
      return book;
    },
  };
}
