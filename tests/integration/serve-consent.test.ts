/** `mcpp serve` over a mounted server that wants a person's consent, with real sockets. @module */

import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { askToEnd, finished, mcpp, startMcpp } from "../support/mcpp-process.ts";
import { createTempFolder } from "../support/temp-folder.ts";
import { type GuardedLoopback, listenGuarded } from "../support/upstreams/guarded-loopback.ts";

type Running = ReturnType<typeof startMcpp>;
type Line = Readonly<Record<string, unknown>>;

/** The first line of JSON for which it holds. */
async function line(child: Running, holds: (line: Line) => boolean): Promise<Line> {
  for (;;) {
    const lines = child.output().stdout.split("\n").slice(0, -1);
    const found = lines.map((text) => JSON.parse(text) as Line).find(holds);
    if (found) return found;
    assertEquals(child.exitCode, null, child.output().stderr);
    await once(child.stdout ?? child, "data");
  }
}

interface Scene {
  readonly guarded: GuardedLoopback;
  readonly folder: string;
  serve(...more: readonly string[]): Running;
}

async function scene(t: TestContext): Promise<Scene> {
  const guarded = await listenGuarded();
  t.after(() => guarded.close());
  const folder = await createTempFolder(t);
  const config = join(folder, "mcpp.json");
  await writeFile(config, JSON.stringify({ mcpServers: { far: { url: guarded.url } } }));
  const serve = (...more: readonly string[]): Running => {
    const child = startMcpp(["serve", "--port", "0", "--config", config, ...more], { folder });
    t.after(() => child.kill("SIGKILL"));
    return child;
  };
  return { guarded, folder, serve };
}

const isReady = ({ event, state, tools }: Line): boolean =>
  event === "upstream" && state === "ready" && Number(tools) > 0;

async function stop(child: Running): Promise<void> {
  askToEnd(child);
  const { code, stderr } = await finished(child);
  assertEquals(code, 0, stderr);
}

describe("mcpp serve, with a mounted server that wants consent", () => {
  it("shows where to consent, takes the answer, and remembers it", async (t) => {
    const { guarded, folder, serve } = await scene(t);

    const first = serve("--json");
    const { url } = await line(first, ({ event }) => event === "listening");
    const { consentUrl } = await line(first, (one) => one.consentUrl !== undefined);
    const page = await fetch(String(consentUrl));
    assertEquals([page.status, new URL(page.url).origin], [200, url]);
    assertMatch(await page.text(), /You can close this window/);
    await line(first, isReady);
    const again = await fetch(page.url);
    assertEquals(again.status, 400);
    assertStringIncludes(await again.text(), "Nobody waits for this answer");
    await stop(first);

    const second = serve("--json");
    const restarted = await line(second, ({ event }) => event === "listening");
    const answer = await fetch(`${restarted.url}/tools/add`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ a: 20, b: 22 }),
    });
    assertStringIncludes(await answer.text(), "42");
    await line(second, isReady);
    await stop(second);
    const doctor = await mcpp(["doctor", "far", "--config", join(folder, "mcpp.json")], { folder });

    assertMatch(doctor.stdout, /upstream far/);
    assertEquals(doctor.code, 0, doctor.stdout + doctor.stderr);
    assertEquals([guarded.consents, guarded.faults], [1, []]);
  });

  it("prints the address in full for a person, and ends while it waits", async (t) => {
    const { guarded, serve } = await scene(t);

    const child = serve();
    while (!child.output().stdout.includes("state=")) await once(child.stdout ?? child, "data");
    await stop(child);

    const { stdout } = child.output();
    const asked = /open\n {2}(http:\S+)\n/.exec(stdout)?.[1] ?? "";
    assert(URL.canParse(asked), stdout);
    assertEquals(new URL(asked).pathname, "/authorize");
    assertEquals(stdout.split("/authorize").length, 2, "it is printed once");
    assertEquals([guarded.consents, guarded.faults], [0, []]);
  });

  it("says without a listener that a token is missing, and where consent can be given", async (t) => {
    const { folder } = await scene(t);

    const doctor = await mcpp(["doctor", "far", "--config", join(folder, "mcpp.json")], { folder });

    assertMatch(doctor.stdout, /set its token in headers/);
    assertMatch(doctor.stdout, /run mcpp serve/);
  });
});
