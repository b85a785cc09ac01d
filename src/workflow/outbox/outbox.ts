/**
 * Calls of workflows that are for the queues of peers: who gets which, and that each gets there.
 *
 * The rows of the outbox are the calls' own tasks. First a commit says which peer is to have a call,
 * then it is given to that peer under a key that follows from its id, until the peer has it. How it went
 * is asked for until it is known. So a crash anywhere costs time, and no second execution.
 *
 * Of several peers that may have a call, the one that has least of ours gets it, and each has few at a
 * time: who is quick is given more. What bounds a map bounds what all peers have of it.
 *
 * @module
 */

import type { Clock } from "../../concurrency/clock.ts";
import type { PeerQueue } from "../../queue/peer-queue.ts";
import type { Queue } from "../../queue/queue.ts";
import { isFinal, type Task, type TaskSpec } from "../../queue/task.ts";
import { CALL_KIND } from "../tasks.ts";
import { displace, place } from "./commands.ts";
import { PATIENCE_MS, PeerLane } from "./peer-lane.ts";
import { PlacedGroups } from "./placed-groups.ts";

/** What an outbox needs. */
export interface OutboxNeeds {
  readonly queue: Queue;
  readonly clock: Clock;
  readonly random: () => number;
  /** This server's id. */
  readonly self: () => string;
  /** The queue of the same name at a peer. */
  readonly peerQueue: (peer: string) => PeerQueue;
  /** Work that nobody waits for failed; it is tried again. */
  readonly trouble: (what: string, error: unknown) => void;
}

/** Calls that a peer has of ours at the most, so that whoever is quick gets the next. */
const WINDOW = 32;
/** Tasks of one page of the list that is read at the start. */
const PAGE = 1_000;

/** The outbox of one queue. */
export class Outbox {
  readonly #needs: OutboxNeeds;
  /** Calls that nobody has, in the order in which they began. */
  readonly #unplaced = new Map<string, TaskSpec>();
  readonly #groups = new PlacedGroups();
  readonly #lanes = new Map<string, PeerLane>();
  readonly #unlisten: () => void;
  readonly #closed = new AbortController();
  #isPlacing = false;

  constructor(needs: OutboxNeeds) {
    this.#needs = needs;
    this.#unlisten = needs.queue.onChange((task) => this.#follow(task));
  }

  /** Go on with what was there before. */
  async start(): Promise<void> {
    const { queue } = this.#needs;
    const open: Task[] = [];
    for (let before: number | undefined; ; before = open.at(-1)?.seq) {
      const page = await queue.list({
        ...{ kind: CALL_KIND, states: ["scheduled"], limit: PAGE },
        ...(before !== undefined && { before }),
      });
      open.push(...page);
      if (page.length < PAGE) break;
    }
    for (const task of open.reverse()) this.#follow(task, true);
  }

  close(): void {
    this.#closed.abort();
    this.#unlisten();
    for (const lane of this.#lanes.values()) lane.close();
  }

  #follow(task: Task, isOld = false): void {
    const { id, kind, peers = [] } = task.spec;
    if (kind !== CALL_KIND || this.#closed.signal.aborted) return;
    this.#groups.follow(task);
    if (isFinal(task)) {
      this.#unplaced.delete(id);
      if (task.peer !== undefined) this.#lanes.get(task.peer)?.ended(task);
      if (task.spec.groupLimit !== undefined) void this.#place();
      return;
    }
    if (task.peer !== undefined) {
      this.#unplaced.delete(id);
      this.#laneOf(task.peer).add(task, isOld);
      return;
    }
    this.#unplaced.set(id, task.spec);
    for (const peer of peers) this.#laneOf(peer).wake();
    void this.#place();
  }

  #laneOf(peer: string): PeerLane {
    const known = this.#lanes.get(peer);
    if (known) return known;
    const lane = new PeerLane({
      ...this.#needs,
      peer,
      remote: this.#needs.peerQueue(peer),
      isWanted: () => this.#unplaced.values().some(({ peers }) => peers?.includes(peer)),
      changed: () => void this.#place(),
      giveUp: (ids) => this.#displace(peer, ids),
    });
    this.#lanes.set(peer, lane);
    const { clock } = this.#needs;
    // Until then it may be waited for; see PeerLane.isAwaited.
    void clock.sleep(PATIENCE_MS, this.#closed.signal).then(
      () => this.#place(),
      () => undefined,
    );
    return lane;
  }

  /** Give what nobody has to those who are there and have room. */
  async #place(): Promise<void> {
    if (this.#isPlacing) return;
    this.#isPlacing = true;
    try {
      for (;;) {
        const chosen = this.#choose();
        if (chosen.length === 0 || this.#closed.signal.aborted) return;
        await this.#needs.queue.run((set) => place(set, chosen), {
          ids: chosen.map(({ id }) => id),
        });
        for (const { id } of chosen) this.#unplaced.delete(id);
      }
    } catch (error) {
      // What was not placed is still there, and the next who has room tries again.
      this.#needs.trouble("placing calls with peers", error);
    } finally {
      this.#isPlacing = false;
    }
  }

  #choose(): readonly { readonly id: string; readonly peer: string }[] {
    const able = [...this.#lanes].filter(([, lane]) => lane.isThere && lane.size < WINDOW);
    const sizes = new Map(able.map(([peer, lane]) => [peer, lane.size]));
    const chosen: { readonly id: string; readonly peer: string }[] = [];
    const size = (peer: string): number => sizes.get(peer) ?? WINDOW;
    const groups = this.#groups.draft();
    for (const [id, spec] of this.#unplaced) {
      if (sizes.size === 0) break;
      const { peers: [first = "", ...others] = [] } = spec;
      // Whoever answers first would get all of a small map.
      if (others.length > 0 && spec.peers?.some((peer) => this.#lanes.get(peer)?.isAwaited))
        continue;
      const peer = others.reduce((least, one) => (size(one) < size(least) ? one : least), first);
      const had = size(peer);
      if (had >= WINDOW || !groups.admit(spec)) continue;
      if (had + 1 < WINDOW) sizes.set(peer, had + 1);
      else sizes.delete(peer);
      chosen.push({ id, peer });
    }
    return chosen;
  }

  /** The peer went before these got there: others may have them. */
  async #displace(peer: string, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    for (const id of ids) this.#lanes.get(peer)?.forget(id);
    await this.#needs.queue.run((set) => displace(set, ids, peer), { ids });
  }
}
