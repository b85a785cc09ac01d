/** The JSON-RPC methods by which members of runs ask each other; see {@link MemberCalls}. @module */

import * as v from "valibot";
import { parsed, type QueueMethod, text, whole } from "../../queue/method.ts";
import type { Member } from "./member.ts";
import type { MEMBER_METHODS } from "./member-calls.ts";
import type { Told } from "./replica-book.ts";

const longText = v.pipe(v.string(), v.minLength(1), v.maxLength(512));
const run = v.object({ queue: text, run: longText });
// A coordinator is trusted with what it runs, and so with the form of its tasks.
const task = v.looseObject({ spec: v.looseObject({ id: v.pipe(v.string(), v.maxLength(4_096)) }) });
const told = v.object({
  ...{ run: longText, queue: text, epoch: whole, version: whole, base: whole, at: whole },
  coordinator: longText,
  head: v.exactOptional(text),
  members: v.pipe(v.array(longText), v.maxLength(64)),
  definitions: v.array(v.unknown()),
  tasks: v.array(task),
  hasMore: v.boolean(),
});

const TellSchema = v.object({ queue: text, told: v.pipe(v.array(told), v.maxLength(1_000)) });
const PromiseSchema = v.object({ ...run.entries, epoch: whole });
const FetchSchema = v.object({ ...run.entries, part: whole });

/** The methods over the members of this server's queues. */
export function memberMethods(
  memberOf: (queue: string) => Promise<Member>,
): ReadonlyMap<(typeof MEMBER_METHODS)[number], QueueMethod> {
  return new Map<(typeof MEMBER_METHODS)[number], QueueMethod>([
    [
      "workflow/tell",
      async (params, { caller }) => {
        const { queue, told: all } = parsed(TellSchema, params);
        const member = await memberOf(queue);
        return { heard: await member.tell(caller, all as unknown as readonly Told[]) };
      },
    ],
    [
      "workflow/coordinates",
      async (params, { caller }) => {
        const { queue, run: id } = parsed(run, params);
        const epoch = await (await memberOf(queue)).coordinates(caller, id);
        return epoch === undefined ? {} : { epoch };
      },
    ],
    [
      "workflow/promise",
      async (params, { caller }) => {
        const { queue, run: id, epoch } = parsed(PromiseSchema, params);
        return { ...(await (await memberOf(queue)).promise(caller, id, epoch)) };
      },
    ],
    [
      "workflow/fetch",
      async (params, { caller }) => {
        const { queue, run: id, part } = parsed(FetchSchema, params);
        return { told: await (await memberOf(queue)).fetch(caller, id, part) };
      },
    ],
    [
      "workflow/take",
      async (params, { caller }) => {
        const { queue, run: id } = parsed(run, params);
        return { epoch: await (await memberOf(queue)).take(caller, id) };
      },
    ],
  ]);
}
