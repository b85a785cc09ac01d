/**
 * Results of tasks as resources: what is too large to be told with the task is read here.
 *
 * @module
 */

import { UnavailableError } from "../errors.ts";
import type { Category } from "../registry/category.ts";
import type { Offer } from "../registry/offer.ts";
import type { Tasks } from "../registry/tasks.ts";
import type { QueueSlot } from "./queue-slot.ts";

/** The tools of the queue. */
const CATEGORY = "p2p_taskqueue";

const URI = /^task-result:\/\/([a-z0-9][a-z0-9._-]{0,63})\/([\w-]{1,128})$/;

/** The category of the queue's tools, there when queues are, with results of tasks as resources. */
export function withTaskResults(
  category: Category,
  { tasks, availability }: Pick<QueueSlot, "tasks" | "availability">,
): Category {
  if (category.name !== CATEGORY) return category;
  return { ...category, offer: offerOf(tasks), availability };
}

function offerOf(tasks: Tasks): Offer {
  return {
    listResourceTemplates: async () => [
      {
        uriTemplate: "task-result://{queue}/{taskId}",
        name: "Result of a task",
        description: "What a task gave, also where it is too large for p2p_taskqueue_get_result",
        mimeType: "application/json",
      },
    ],
    async readResource(uri, { caller }) {
      const [, queue, taskId] = URI.exec(uri) ?? [];
      if (queue === undefined || taskId === undefined) return undefined;
      if (await tasks.elsewhere()) {
        throw new UnavailableError(
          "runtime_unavailable",
          "The queues of this server belong to another process: read the result there",
          { data: { uri } },
        );
      }
      const result = await tasks.result({ caller, queue }, taskId);
      return { contents: [{ uri, mimeType: "application/json", text: JSON.stringify(result) }] };
    },
  };
}
