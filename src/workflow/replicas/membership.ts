/** How the runs of one queue are shared with other servers: told to them, and taken from them. @module */

import { decode } from "@ipld/dag-cbor";
import { KeyedMutex } from "../../concurrency/keyed-mutex.ts";
import type { QueueStore } from "../../queue/queue-store.ts";
import type { Request } from "../../queue/remote-source.ts";
import type { AttachedFlows } from "../flows.ts";
import { RUN_KIND } from "../run-state.ts";
import { replicaOf, yieldedOf } from "./commands.ts";
import { Member } from "./member.ts";
import { createMemberCalls } from "./member-calls.ts";
import type { MemberNeeds } from "./member-needs.ts";
import type { Replica } from "./replica.ts";
import { Replicator, type ReplicatorNeeds } from "./replicator.ts";

/** What sharing needs. */
export interface MembershipNeeds
  extends Pick<MemberNeeds, "queue" | "book" | "clock" | "self" | "grantOf" | "checkTool">,
    Pick<ReplicatorNeeds, "random" | "trouble"> {
  readonly store: Pick<QueueStore, "transact" | "blob">;
  readonly flows: AttachedFlows;
  /** Sends requests to a peer. */
  readonly requestTo: (peer: string) => Request;
}

/** Both sides of one queue. */
export class Membership {
  readonly member: Member;
  readonly replicator: Replicator;

  private constructor(needs: MembershipNeeds) {
    const { queue, store, flows, self, clock, requestTo } = needs;
    const calls: MemberNeeds["calls"] = (peer) => createMemberCalls(queue.name, requestTo(peer));
    this.replicator = new Replicator({
      ...needs,
      tell: (peer, told, signal) => calls(peer).tell(told, signal),
      read: (run) => readReplica(needs, run),
      contested: (run, by) => this.member.contested(run, by),
    });
    this.member = new Member({
      ...{ ...needs, calls, clock, self, plans: flows.plans, replicator: this.replicator },
      mutex: new KeyedMutex(),
      blob: async (cid) => {
        const bytes = await store.blob(cid);
        return bytes && decode(bytes);
      },
    });
  }

  /** Begin to share. */
  static async open(needs: MembershipNeeds): Promise<Membership> {
    const membership = new Membership(needs);
    await membership.member.start();
    needs.flows.share(needs.queue.name, membership.replicator);
    await membership.replicator.start();
    return membership;
  }

  close(): void {
    this.member.close();
    this.replicator.close();
  }
}

/** A run as it is in the store, beside the queue's own commands. */
function readReplica(
  { store, queue, flows, self, clock }: MembershipNeeds,
  run: string,
): Promise<Replica | undefined> {
  const none = { ids: [], keys: [], groups: [], lanes: [] };
  return flows.fetch((plans) =>
    store.transact(queue.name, none, (reader) => {
      const task = reader.task(run);
      if (task?.spec.kind !== RUN_KIND || yieldedOf(task)) return { answer: undefined };
      const { nextEvent, head } = reader.meta();
      const about = { plans, self: self(), version: nextEvent - 1, head, now: clock.now() };
      return { answer: replicaOf(task, (id) => reader.task(id), about) };
    }),
  );
}
