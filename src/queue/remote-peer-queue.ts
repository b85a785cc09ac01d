/** A queue of a peer, over requests of {@link givenMethods}. @module */

import * as v from "valibot";
import { IntegrityError } from "../errors.ts";
import { fromBase64 } from "../ipld/base64.ts";
import { text, whole } from "./method.ts";
import type { GivenOutcome, PeerQueue, Receipt } from "./peer-queue.ts";
import type { Request } from "./remote-source.ts";

const LogSchema = v.object({
  blocks: v.array(v.string()),
  unknown: v.array(v.string()),
  tail: v.exactOptional(text),
  head: v.exactOptional(text),
  next: v.exactOptional(whole),
});

/** The queue of that name at the peer that `request` goes to. */
export function createPeerQueue(
  queue: string,
  { reach, request }: { readonly reach: PeerQueue["reach"]; readonly request: Request },
): PeerQueue {
  return {
    reach,
    async give(tasks, signal) {
      const { receipts } = await request("queue/give", { queue, tasks }, signal);
      if (Array.isArray(receipts)) return receipts as readonly Receipt[];
      throw malformed("queue/give");
    },
    async outcomes(taskIds, waitMs, signal) {
      const { outcomes } = await request("queue/outcomes", { queue, taskIds, waitMs }, signal);
      if (Array.isArray(outcomes)) return outcomes as readonly GivenOutcome[];
      throw malformed("queue/outcomes");
    },
    async withdraw(taskIds, reason, signal) {
      await request("queue/withdraw", { queue, taskIds, reason }, signal);
    },
    async log(keys, from, signal) {
      const answer = await request("queue/log", { queue, keys, from }, signal);
      const page = v.safeParse(LogSchema, answer);
      if (!page.success) throw malformed("queue/log");
      return { ...page.output, blocks: page.output.blocks.map(fromBase64) };
    },
  };
}

function malformed(method: string): IntegrityError {
  return new IntegrityError(
    "malformed_frame",
    `The peer answered ${method} with something else; it may be of another version`,
  );
}
