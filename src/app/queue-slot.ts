/** What the rest of an app sees of its queues, and what they see of it. @module */

import type { AppQueues, QueueReport } from "../app-queues.ts";
import type { AppMesh, AppOptions } from "../app-types.ts";
import type { Extension } from "../mcp/engine.ts";
import type { Home } from "../mesh/home.ts";
import type { Availability } from "../registry/category.ts";
import type { Tasks } from "../registry/tasks.ts";
import type { Workflows } from "../registry/workflows.ts";
import type { WorkerParts } from "./local-workers.ts";

/** The queues of an app, open or not. */
export interface QueueSlot extends AppQueues {
  readonly tasks: Tasks;
  readonly workflows: Workflows;
  /** By which workers elsewhere take tasks. */
  readonly extension: Extension;
  /** Whether there are queues, here or at home. */
  availability(): Availability;
  /** Opens this server to processes of the same user that share its data folder. */
  readonly token: string;
  /** Begin: a server opens its queues at once. */
  start(parts: WorkerParts): void;
  stop(): Promise<void>;
}

/** What of the mesh the queues work with. */
export interface QueueSurroundings {
  /** Who owns the queues of this server. */
  readonly owner: () => string;
  readonly forward: Tasks["forward"];
  readonly request: AppMesh["request"];
  /** The id of a peer by its id, name or address; connects where need be. */
  readonly idOf: (peer: string) => Promise<string>;
  /** The server that has the queues of a host without any. */
  readonly home: Home | undefined;
}

/** Why an app has no queues; `undefined` where it has. */
export function reasonForNone({ config, host }: AppOptions): string | undefined {
  if (!config.features.queue) return "features.queue is off: set it to true to have tasks";
  if (host.files || config.queue.url !== undefined) return undefined;
  return `the host "${host.name}" keeps nothing between requests: set home.url (MCPP_HOME) to a server, and tasks are kept there`;
}

/** Queues that could not be opened make a server unwell; queues that nobody wanted do not. */
export function healthOf({ state, reason = "" }: QueueReport): string {
  if (state === "failed") throw new Error(reason);
  return reason === "" ? state : `${state}: ${reason}`;
}
