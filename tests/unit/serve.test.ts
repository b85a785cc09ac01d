/** A listening server on a host in memory. @module */

import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as v from "valibot";
import { createWebHost } from "../../runtimes/web.ts";
import { UnavailableError } from "../../src/errors.ts";
import { defineTool, type Tool } from "../../src/registry/definition.ts";
import { serve } from "../../src/serve.ts";
import { createMemoryStore } from "../../src/storage/memory-store.ts";
import type { Store } from "../../src/storage/store.ts";
import { createFakeHost } from "../support/fake-host.ts";

const ping: Tool = defineTool({
  name: "ping",
  description: "Answer",
  input: v.object({}),
  run: () => ({ pong: true }),
});

describe("serve()", () => {
  it("listens, says where, and answers there", async () => {
    const fake = createFakeHost();

    await using serving = await serve({ host: fake.host, tools: [ping], port: 8123 });

    assertEquals(serving.url, "http://127.0.0.1:8123");
    assertStringIncludes(fake.stderr(), "http://127.0.0.1:8123/mcp");
    const answer = await fake.listening.get(8123)?.(new Request(`${serving.url}/tools/ping`));
    assertEquals(answer?.status, 200);
  });

  it("stops listening and ends the process when it is asked to", async () => {
    const fake = createFakeHost();
    const exited = Promise.withResolvers<number>();
    const host = Object.create(fake.host, {
      exit: { value: (code: number) => exited.resolve(code) },
    });
    await serve({ host, tools: [ping] });
    assertEquals(fake.listening.size, 1);

    fake.stop();

    assertEquals(await exited.promise, 0);
    assertEquals(fake.listening.size, 0);
  });

  it("opens nothing where the port is taken", async () => {
    const taken = Object.assign(new Error("in use"), { code: "EADDRINUSE" });
    const fake = createFakeHost({ listenError: taken });
    let opened = 0;
    const openStore = async (): Promise<Store> => {
      opened += 1;
      return createMemoryStore();
    };
    const host = Object.create(fake.host, { openStore: { value: openStore } });

    const error = await assertRejects(
      () => serve({ host, tools: [ping], config: { dataDir: "/data" } }),
      UnavailableError,
    );

    assertEquals(error.code, "address_unavailable");
    assertEquals(opened, 0);
  });

  it("says what to do on a host without sockets", async () => {
    const error = await assertRejects(
      () => serve({ host: createWebHost({}), tools: [ping] }),
      UnavailableError,
    );

    assertEquals(error.code, "runtime_unavailable");
    assert(error.message.includes("createApp()"));
  });
});
