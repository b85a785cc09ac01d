import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { WORKER_METHODS } from "../../../src/queue/queue-extension.ts";
import { workerMethods } from "../../../src/queue/worker-methods.ts";

describe("workerMethods()", () => {
  it("answers every method of the extension, and no other", () => {
    const methods = workerMethods(() => Promise.reject(new Error("nobody asks")));

    assertEquals([...methods.keys()], [...WORKER_METHODS]);
  });
});
