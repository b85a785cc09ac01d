import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { host } from "#host";
import type { App } from "../../src/app-types.ts";
import { openHarness } from "../support/harness.ts";
import { malformed, type RawRequest } from "../support/malformed.ts";
import { initialize, modernMessage, post, rpcAnswer } from "../support/messages.ts";
import { exchange, malformedBytes } from "../support/raw-http.ts";
import { settledHeapBytes } from "../support/settled-heap.ts";

/** A failure prints its seed; this one repeats a run. */
const seed = Number(process.env.FUZZ_SEED ?? 20_261_120);
/** The app is the same on each host; elsewhere it is the host's own `Request` and `Response` that differ. */
const RUNS = host.name === "node" ? 10_000 : 2_000;
const WARM_UP_RUNS = RUNS / 10;
/** What these may leave behind: caches that fill up to their bounds. */
const MAX_GROWTH_BYTES = 8_000_000;

function requestOf({ method, path, headers, body }: RawRequest): Request | undefined {
  try {
    return new Request(`http://127.0.0.1${path}`, {
      method,
      headers,
      ...(body !== undefined && { body }),
    });
  } catch {
    // The host's own Request refuses it, as it would have refused the bytes.
    return undefined;
  }
}

/** A session of the legacy era. */
async function openSession(app: App): Promise<string> {
  const response = await app.fetch(post(initialize()));
  await response.body?.cancel();
  const id = response.headers.get("mcp-session-id");
  assert(id);
  return id;
}

/** Every answer is one that a client can understand. */
async function checkAnswer(response: Response): Promise<void> {
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("text/event-stream")) {
    assertEquals(response.status, 200);
    await response.body?.cancel();
    return;
  }
  const text = await response.text();
  if (response.status >= 500) {
    const { code } = JSON.parse(text);
    assert(typeof code === "string" && code !== "internal", `${response.status} ${text}`);
  }
  // An answer to HEAD has the type of a body, and none.
  if (!type.startsWith("application/json") || text === "") return;
  const answer = JSON.parse(text);
  if (answer.jsonrpc === undefined) return;
  assertEquals(answer.jsonrpc, "2.0");
  assert("result" in answer !== "error" in answer, text);
  if (answer.error) {
    assert(Number.isInteger(answer.error.code) && answer.error.message !== "", text);
    // All that is wrong here is wrong with the request.
    assertNotEquals(answer.error.code, -32603, text);
    assert(!/ at .*\.ts:\d+/.test(text), `a stack in ${text}`);
  }
}

/** Send one, and end the session that it may have begun. */
async function send(app: App, raw: RawRequest): Promise<void> {
  const request = requestOf(raw);
  if (!request) return;
  const response = await app.fetch(request);
  await checkAnswer(response);
  const begun = response.headers.get("mcp-session-id");
  if (begun === null || begun === raw.headers["mcp-session-id"]) return;
  const headers = { "mcp-session-id": begun };
  const end = await app.fetch(new Request("http://127.0.0.1/mcp", { method: "DELETE", headers }));
  assertEquals(end.status, 200);
}

async function assertServesWell(app: App): Promise<void> {
  const call = { method: "tools/call", params: { name: "add", arguments: { a: 1, b: 2 } } };
  const message = { jsonrpc: "2.0", id: 1, ...call };
  for (const answer of [
    await app.fetch(post(modernMessage(message))),
    await app.fetch(post(message, { "mcp-session-id": await openSession(app) })),
  ]) {
    const { result } = (await rpcAnswer(answer)) as { result: { structuredContent: unknown } };
    assertEquals(result.structuredContent, { sum: 3 });
  }
}

describe(`${RUNS} malformed requests`, () => {
  it("are each answered in a way that a client can understand, and leave nothing behind", async (t) => {
    const { app, logLines } = await openHarness(t, { config: { log: { audit: false } } });
    const sessions = [await openSession(app), await openSession(app)];
    const property = fc.asyncProperty(malformed(sessions), (raw) => send(app, raw));

    await fc.assert(property, { numRuns: WARM_UP_RUNS, seed: seed + 1 });
    const before = settledHeapBytes();
    await fc.assert(property, { numRuns: RUNS, seed });
    const after = settledHeapBytes();

    await assertServesWell(app);
    assertEquals(logLines.filter((line) => line.includes('"error"')).slice(0, 3), []);
    if (before === undefined || after === undefined) {
      t.diagnostic("memory was not measured: this host gives tests no way to collect garbage");
    } else {
      const grown = after - before;
      assert(grown < MAX_GROWTH_BYTES, `the heap grew by ${grown} bytes`);
    }
  });
});

describe("1,000 malformed byte streams on a port", () => {
  it("end no process and spoil no other connection", async (t) => {
    const { app } = await openHarness(t);
    const address = { hostname: "127.0.0.1", port: 0 };
    const server = await host.listen((request) => app.fetch(request), address);
    t.after(() => server.close());
    const streams = fc.sample(malformedBytes, { numRuns: 1000, seed });

    const statuses = new Map<number, number>();
    const work = streams.values();
    const worker = async (): Promise<void> => {
      for (const bytes of work) {
        const status = await exchange(server.port, bytes);
        if (status >= 500 && status !== 501 && status !== 505) {
          throw new Error(`${status} for ${JSON.stringify(bytes)}, seed ${seed}`);
        }
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: 16 }, worker));

    t.diagnostic(`statuses ${JSON.stringify([...statuses])}`);
    assert((statuses.get(200) ?? 0) > 20, "some of the streams are right");
    const call = { name: "add", arguments: { a: 1, b: 2 } };
    const message = modernMessage({ jsonrpc: "2.0", id: 1, method: "tools/call", params: call });
    const { headers } = post(message);
    const body = JSON.stringify(message);
    const url = `http://127.0.0.1:${server.port}/mcp`;
    const answer = await fetch(url, { method: "POST", headers, body });
    const { result } = (await rpcAnswer(answer)) as { result: { structuredContent: unknown } };
    assertEquals(result.structuredContent, { sum: 3 });
  });
});
