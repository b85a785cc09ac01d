import { describe, it } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { askApp } from "../../support/http-app.ts";

const files = new Map([
  ["index.html", "<!doctype html>"],
  ["mesh.js", "export {}"],
]);

const readPage = async (name: string): Promise<Uint8Array | undefined> => {
  const text = files.get(name);
  return text === undefined ? undefined : new TextEncoder().encode(text);
};

const peers = () => ({ records: () => [], accept: async () => ({}) });

describe("/join", () => {
  it("leads to the page, which may load its own files and connect to peers", async () => {
    const { ask } = askApp({ peers, readPage });

    const led = await ask("/join");
    const page = await ask("/join/");
    const script = await ask("/join/mesh.js");

    assertEquals([led.status, led.headers.get("location")], [308, "/join/"]);
    assertEquals([page.status, await page.text()], [200, "<!doctype html>"]);
    assertMatch(page.headers.get("content-type") ?? "", /^text\/html/);
    assertMatch(script.headers.get("content-type") ?? "", /^text\/javascript/);
    const policy = page.headers.get("content-security-policy") ?? "";
    assertMatch(
      policy,
      /default-src 'none'.*script-src 'self'.*connect-src 'self' ws: wss: https:/,
    );
    assert(!policy.includes("unsafe"));
  });

  it("says which command builds the page where it is missing", async () => {
    const { ask, json } = askApp({ peers, readPage: async () => undefined });

    const answer = await ask("/join/");

    assertEquals(answer.status, 503);
    const { code, message } = await json(Promise.resolve(answer));
    assertEquals(code, "runtime_unavailable");
    assertMatch(String(message), /npm run build/);
  });

  it("is not there without a mesh, and says how to get one", async () => {
    const { ask, json } = askApp({ readPage });

    const { code, message } = await json(ask("/join/"));

    assertEquals(code, "runtime_unavailable");
    assertMatch(String(message), /features\.mesh/);
  });

  it("gives no other file", async () => {
    const { ask } = askApp({ peers, readPage });

    for (const name of ["package.json", "..%2f..%2fpackage.json", "mesh.js.map", "constructor"]) {
      assertEquals((await ask(`/join/${name}`)).status, 404, name);
    }
  });
});
