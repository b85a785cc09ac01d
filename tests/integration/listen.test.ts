/** What this host says when it cannot listen becomes a sentence. @module */

import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { host } from "#host";
import { listen, listenEarly } from "../../src/cli/listen.ts";
import { InputError, UnavailableError } from "../../src/errors.ts";

const hello = (): Response => new Response("hello");

describe("listen(), on this host", () => {
  it("knows a port that is taken", async (t) => {
    const first = await listen(host, hello, { hostname: "127.0.0.1", port: 0 });
    t.after(() => first.close());
    const again = { hostname: "127.0.0.1", port: first.port };

    const error = await assertRejects(() => listen(host, hello, again), UnavailableError);

    assertStringIncludes(error.message, `127.0.0.1:${first.port} is already in use`);
    assert(error.cause instanceof Error);
  });

  it("knows an address that is not this machine's", async () => {
    // TEST-NET-3 (RFC 5737) belongs to nobody.
    const elsewhere = { hostname: "203.0.113.7", port: 0 };
    const error = await assertRejects(() => listen(host, hello, elsewhere), InputError);
    assertStringIncludes(error.message, 'listen.hostname "203.0.113.7" is no address of this');
  });
});

describe("listenEarly(), on this host", () => {
  it("lets requests wait until there is something to answer them", async (t) => {
    const listener = await listenEarly(host, {
      listen: { hostname: "127.0.0.1", port: 0 },
      features: { mesh: false },
      mesh: { webSocket: true },
    });
    t.after(() => listener.server.close());
    const early = fetch(`${listener.origin}/early`);

    listener.answerWith((request) => new Response(new URL(request.url).pathname));

    assertEquals(await (await early).text(), "/early");
    assertEquals(await (await fetch(`${listener.origin}/late`)).text(), "/late");
  });
});
