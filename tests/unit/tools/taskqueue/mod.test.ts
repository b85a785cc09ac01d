import { createMemoryQueueStore } from "../../../../src/queue/memory-store.ts";
import { testTaskTools } from "../../../contract/task-tools.ts";

testTaskTools("memory", async () => createMemoryQueueStore());
