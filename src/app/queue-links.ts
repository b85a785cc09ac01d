/** What connects a queue of this process with those of peers. @module */

import { peerCaller } from "../auth/peer-caller.ts";
import type { GivenTasksNeeds } from "../queue/given-tasks.ts";
import type { PeerQueue } from "../queue/peer-queue.ts";
import type { Queue } from "../queue/queue.ts";
import type { QueueStore } from "../queue/queue-store.ts";
import { createPeerQueue } from "../queue/remote-peer-queue.ts";
import type { Request } from "../queue/remote-source.ts";
import { type StoredCaller, storeCaller } from "../registry/caller.ts";
import { createNamespace } from "../storage/namespace.ts";
import type { AttachedFlows } from "../workflow/flows.ts";
import { Outbox } from "../workflow/outbox/outbox.ts";
import { Membership } from "../workflow/replicas/membership.ts";
import { ReplicaBook } from "../workflow/replicas/replica-book.ts";
import type { Foundation } from "./foundation.ts";
import type { QueueSurroundings } from "./queue-slot.ts";

/** What links need. */
export interface QueueLinksNeeds {
  readonly foundation: Foundation;
  readonly store: QueueStore;
  readonly flows: AttachedFlows;
  readonly peers: Pick<QueueSurroundings, "owner" | "request" | "idOf">;
  readonly checkTool: GivenTasksNeeds["checkTool"];
}

/** The links of all queues of this process. */
export class QueueLinks {
  readonly #needs: QueueLinksNeeds;
  readonly #outboxes = new Map<string, Outbox>();
  readonly #memberships = new Map<string, Membership>();
  readonly book: ReplicaBook;

  constructor(needs: QueueLinksNeeds) {
    this.#needs = needs;
    this.book = new ReplicaBook(createNamespace(needs.foundation.store, "replica/"));
  }

  /** Where several servers share the queues, each would give the same calls under its own name. */
  async connect(queue: Queue): Promise<void> {
    const { foundation, store, flows, peers, checkTool } = this.#needs;
    if (store.isShared) return;
    const { clock, log } = foundation;
    const common = {
      ...{ queue, clock, random: Math.random, self: peers.owner },
      trouble: (what: string, error: unknown) => log.info(what, { error }),
    };
    const membership = await Membership.open({
      ...{ ...common, store, flows, book: this.book, checkTool },
      requestTo: (peer) => this.#requestTo(peer),
      grantOf: (peer) => this.#grantOf(peer),
    });
    this.#memberships.set(queue.name, membership);
    const outbox = new Outbox({
      ...common,
      peerQueue: (peer) => this.peerQueue(peer, queue.name),
    });
    this.#outboxes.set(queue.name, outbox);
    await outbox.start();
  }

  /** The queue of that name at a peer. */
  peerQueue(peer: string, queue: string): PeerQueue {
    const { idOf } = this.#needs.peers;
    const reach = async (): Promise<void> => void (await idOf(peer));
    return createPeerQueue(queue, { reach, request: this.#requestTo(peer) });
  }

  /** `undefined` where servers share the queue itself. */
  membership(queue: string): Membership | undefined {
    return this.#memberships.get(queue);
  }

  /** This server and the peers that are named, by their ids. */
  async membersOf(named: readonly string[]): Promise<readonly string[]> {
    const { owner, idOf } = this.#needs.peers;
    const ids = await Promise.all(named.map((peer) => idOf(peer)));
    return [...new Set([owner(), ...ids])];
  }

  close(): void {
    for (const outbox of this.#outboxes.values()) outbox.close();
    for (const membership of this.#memberships.values()) membership.close();
  }

  #requestTo(peer: string): Request {
    const { request } = this.#needs.peers;
    return (method, params, signal) => request(peer, method, params, signal);
  }

  #grantOf(peer: string): StoredCaller {
    const { mesh, auth } = this.#needs.foundation.config();
    return storeCaller(peerCaller(peer, { allow: mesh.allow, isAnonymousOpen: auth.anonymous }));
  }
}
