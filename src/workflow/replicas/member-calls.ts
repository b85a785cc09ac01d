/** What members of a run ask each other, and how it is sent. @module */

import { IntegrityError } from "../../errors.ts";
import type { Request } from "../../queue/remote-source.ts";
import type { Replica, ReplicaHead } from "./replica.ts";
import type { Heard, Promised, Told } from "./replica-book.ts";

/** The methods, of the extension by which peers use each other's queues. */
export const MEMBER_METHODS = [
  "workflow/tell",
  "workflow/coordinates",
  "workflow/promise",
  "workflow/fetch",
  "workflow/take",
] as const;

/** What a member answers to one who wants to coordinate a run. */
export type PromiseAnswer =
  /** It takes nothing of earlier epochs any more, and has this of the run. */
  | { readonly given: Pick<ReplicaHead, "epoch" | "version"> }
  /** It gave a later promise. */
  | { readonly promised: Promised }
  /** It coordinates the run itself, and was not asked to hand it over. */
  | { readonly coordinates: number }
  /** It knows nothing of the run. */
  | { readonly unknown: true };

/** Asks one member. */
export interface MemberCalls {
  tell(told: readonly Told[], signal?: AbortSignal): Promise<readonly Heard[]>;
  /** The epoch in which it coordinates the run; `undefined` where it does not. */
  coordinates(run: string, signal?: AbortSignal): Promise<number | undefined>;
  promise(run: string, epoch: number, signal?: AbortSignal): Promise<PromiseAnswer>;
  fetch(run: string, signal?: AbortSignal): Promise<Replica>;
  /** Ask it to coordinate a run from now on; answers with the new epoch. */
  take(run: string, signal?: AbortSignal): Promise<number>;
}

/** The calls, over requests to that member about one queue. */
export function createMemberCalls(queue: string, request: Request): MemberCalls {
  return {
    async tell(told, signal) {
      const { heard } = await request("workflow/tell", { queue, told }, signal);
      return (Array.isArray(heard) ? heard : malformed("workflow/tell")) as readonly Heard[];
    },
    async coordinates(run, signal) {
      const { epoch } = await request("workflow/coordinates", { queue, run }, signal);
      return typeof epoch === "number" ? epoch : undefined;
    },
    async promise(run, epoch, signal) {
      // Of the same extension, and so of the same make.
      return (await request("workflow/promise", { queue, run, epoch }, signal)) as PromiseAnswer;
    },
    async fetch(run, signal) {
      const parts: Told[] = [];
      for (let part = 0; ; part += 1) {
        const answer = await request("workflow/fetch", { queue, run, part }, signal);
        const told = answer.told as Told | undefined;
        if (!told || !Array.isArray(told.tasks)) return malformed("workflow/fetch");
        if (parts[0] && parts[0].version !== told.version) {
          // It was told something meanwhile: begin again.
          parts.length = 0;
          part = -1;
          continue;
        }
        parts.push(told);
        if (!told.hasMore) break;
      }
      const [first] = parts;
      if (!first) return malformed("workflow/fetch");
      const { base: _, hasMore: __, ...head } = first;
      return { ...head, tasks: parts.flatMap(({ tasks }) => tasks) };
    },
    async take(run, signal) {
      const { epoch } = await request("workflow/take", { queue, run }, signal);
      return typeof epoch === "number" ? epoch : malformed("workflow/take");
    },
  };
}

function malformed(method: string): never {
  throw new IntegrityError(
    "malformed_frame",
    `The peer answered ${method} with something else; it may be of another version`,
  );
}
