/** What queues are made of; loaded by the first who needs one. @module */

export { givenMethods } from "../queue/given-methods.ts";
export { createMemoryQueueStore } from "../queue/memory-store.ts";
export { workerMethods } from "../queue/worker-methods.ts";
export { memberMethods } from "../workflow/replicas/member-methods.ts";
export { LocalWorkers } from "./local-workers.ts";
export { OpenQueues } from "./open-queues.ts";
