import { createMemoryStore } from "../../../src/storage/memory-store.ts";
import { testStore } from "../../contract/store.ts";

testStore("createMemoryStore()", { open: async () => createMemoryStore() });
