/** A queue elsewhere as the source of a worker's tasks, over requests of {@link workerMethods}. @module */

import { IntegrityError } from "../errors.ts";
import type { BeatAnswer, ClaimAnswer, TaskSource } from "./task-source.ts";

/** Sends one request to the owner of the queue. */
export type Request = (
  method: string,
  params: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
) => Promise<Readonly<Record<string, unknown>>>;

/** The workers' side of a queue elsewhere. */
export function createRemoteSource(queue: string, request: Request): TaskSource {
  return {
    async depth(skills, waitMs, signal) {
      const { depth } = await request("queue/depth", { queue, ...skills, waitMs }, signal);
      if (typeof depth === "number") return depth;
      throw malformed("queue/depth");
    },
    async claim(message, signal) {
      const answer = await request("queue/claim", { queue, ...message }, signal);
      if (Array.isArray(answer.tasks) && typeof answer.leaseMs === "number") {
        // Its owner is trusted with what to work, so with its shape, too.
        return answer as unknown as ClaimAnswer;
      }
      throw malformed("queue/claim");
    },
    async heartbeat(facts, held) {
      const answer = await request("queue/heartbeat", { queue, ...facts, held });
      if (Array.isArray(answer.lost) && Array.isArray(answer.cancelRequested)) {
        return answer as unknown as BeatAnswer;
      }
      throw malformed("queue/heartbeat");
    },
    async complete(held, result) {
      await request("queue/complete", { queue, ...held, result: result ?? null });
    },
    async fail(failure) {
      await request("queue/fail", { queue, ...failure });
    },
    async giveBack(held) {
      await request("queue/release", { queue, ...held });
    },
    async progress(held, said) {
      await request("queue/progress", { queue, ...held, ...said });
    },
  };
}

function malformed(method: string): IntegrityError {
  return new IntegrityError(
    "malformed_frame",
    `The owner of the queue answered ${method} with something else; it may be of another version`,
  );
}
