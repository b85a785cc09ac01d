import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { InputError, ToolError } from "../../../src/errors.ts";
import { createGuardedFetch, type GuardedFetch } from "../../../src/upstream/guarded-fetch.ts";

const home = "https://public.example";

/** A guarded fetch over a network that answers as `routes` say. */
function createNetwork(routes: Readonly<Record<string, () => Response>>): {
  readonly guarded: GuardedFetch;
  readonly asked: string[];
} {
  const asked: string[] = [];
  const guarded = createGuardedFetch({
    upstream: "remote",
    allowPrivateNetwork: false,
    resolveAddresses: async (name) => [name === "public.example" ? "93.184.215.14" : "10.0.0.1"],
    maxMessageBytes: 100,
    fetch: (async (url: URL, init: RequestInit) => {
      asked.push(`${init.method ?? "GET"} ${url}`);
      assertEquals(init.redirect, "manual");
      return routes[url.pathname]?.() ?? new Response("none", { status: 404 });
    }) as typeof fetch,
  });
  return { guarded, asked };
}

const redirect = (to: string, status: number) => () =>
  new Response(null, { status, headers: { location: to } });

const events =
  (...pieces: string[]) =>
  () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
        controller.close();
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };

describe("createGuardedFetch()", () => {
  it("asks nobody whom it may not reach", async () => {
    const { guarded, asked } = createNetwork({});

    await assertRejects(() => guarded("https://inside.example/"), InputError, "private");

    assertEquals(asked, []);
  });

  it("follows a redirect that keeps origin and method", async () => {
    const { guarded, asked } = createNetwork({
      "/a": redirect("/b", 308),
      "/b": redirect(`${home}/c`, 307),
      "/c": () => new Response("here"),
    });

    const response = await guarded(`${home}/a`, { method: "POST" });

    assertEquals(await response.text(), "here");
    assertEquals(asked, [`POST ${home}/a`, `POST ${home}/b`, `POST ${home}/c`]);
  });

  it("follows no redirect to another origin or method, and not for ever", async () => {
    const { guarded, asked } = createNetwork({
      "/away": redirect("https://other.example/", 307),
      "/inside": redirect("http://169.254.169.254/", 307),
      "/get": redirect("/b", 303),
      "/loop": redirect("/loop", 307),
    });

    for (const path of ["/away", "/inside", "/get"]) {
      const response = await guarded(home + path, { method: "POST" });
      assert(response.status >= 300 && response.status < 400);
    }
    assertEquals(asked.length, 3);
    assertEquals((await guarded(`${home}/loop`, { method: "POST" })).status, 307);
    assertEquals(asked.length, 3 + 6);
  });

  it("stops reading an answer that is too long", async () => {
    const { guarded } = createNetwork({ "/": () => new Response("x".repeat(101)) });

    const response = await guarded(home);

    const error = await assertRejects(() => response.text(), ToolError, "more than 100 bytes");
    assertEquals(error.code, "too_large");
  });

  it("bounds each event of a stream, not the stream", async () => {
    const event = `data: ${"x".repeat(60)}\n\n`;
    const { guarded } = createNetwork({
      "/many": events(event, event, event + event, event.slice(0, 20), event.slice(20)),
      "/crlf": events(...Array.from({ length: 5 }, () => `data: ${"x".repeat(60)}\r\n\r\n`)),
      "/long": events("data: ", "x".repeat(60), "x".repeat(60)),
      "/whole": events(`data: ${"x".repeat(120)}\n\n`),
    });

    assertEquals((await (await guarded(`${home}/many`)).text()).length, event.length * 5);
    assertEquals((await (await guarded(`${home}/crlf`)).text()).length, 70 * 5);
    for (const path of ["/long", "/whole"]) {
      const response = await guarded(home + path);
      await assertRejects(() => response.text(), ToolError, "100 bytes");
    }
  });

  it("ends a body that is being read when its signal aborts, whatever the host's fetch does", async () => {
    const ended = Promise.withResolvers<unknown>();
    const endless = new ReadableStream<Uint8Array>({ cancel: (reason) => ended.resolve(reason) });
    const { guarded } = createNetwork({ "/events": () => new Response(endless) });
    const stop = new AbortController();
    const response = await guarded(`${home}/events`, { signal: stop.signal });
    const reading = response.text();

    stop.abort(new Error("enough"));

    await assertRejects(() => reading, Error, "enough");
    assertEquals(((await ended.promise) as Error).message, "enough");
  });
});
