/** An isolate without a mesh, and the server at which its mesh tools run. */

import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { askToEnd, startMcpp } from "../support/mcpp-process.ts";
import { createTempFolder } from "../support/temp-folder.ts";
import { buildEdge, startWorker, type Worker } from "../support/worker.ts";

const post = async ({ url }: Worker, tool: string, body: object): Promise<object> => {
  const response = await fetch(new URL(`/tools/${tool}`, url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return (await response.json()) as object;
};

const OPEN = { MCPP_LISTEN_INSECURE: "true" } as const;

describe("an isolate", () => {
  const cleanups: (() => Promise<void>)[] = [];
  const suite = { after: (clean: () => Promise<void>) => void cleanups.unshift(clean) };
  let script: string;
  before(async () => {
    script = await buildEdge(suite);
  });
  after(async () => {
    for (const clean of cleanups) await clean();
  });

  /** A server on this machine; its address. */
  async function startHome(): Promise<string> {
    const folder = await createTempFolder(suite);
    const child = startMcpp(["serve", "--json", "--port", "0"], { folder });
    suite.after(async () => {
      const exited = once(child, "exit");
      askToEnd(child);
      await exited;
    });
    for await (const text of child.stdout ?? []) {
      const { event, url } = JSON.parse(String(text).split("\n")[0] ?? "") as {
        readonly event: string;
        readonly url: string;
      };
      if (event === "listening") return url;
    }
    throw new Error(`the server ended: ${child.output().stderr}`);
  }

  it("says of mesh tools that it has no mesh, and what to set", async () => {
    const worker = await startWorker(suite, script, OPEN);

    const answer = (await post(worker, "p2p_peer_list", {})) as { code: string; message: string };

    assertEquals(answer.code, "runtime_unavailable");
    assertStringIncludes(answer.message, "MCPP_HOME");
  });

  it("has its mesh tools run at its home server", async () => {
    const home = await startHome();
    const worker = await startWorker(suite, script, { ...OPEN, MCPP_HOME: home });

    const listed = await post(worker, "p2p_peer_list", {});
    const elsewhere = await post(worker, "dispatch", {
      tool: "monitoring_health",
      peer: "nobody",
      params: {},
    });

    assertEquals((listed as { structuredContent: object }).structuredContent, { peers: [] });
    assertEquals((elsewhere as { code: string }).code, "not_found");
    assertStringIncludes((elsewhere as { message: string }).message, 'There is no peer "nobody"');
  });

  it("says when its home server does not answer", async () => {
    const worker = await startWorker(suite, script, { ...OPEN, MCPP_HOME: "http://127.0.0.1:9" });

    const answer = (await post(worker, "p2p_peer_list", {})) as { code: string; message: string };

    assertEquals(answer.code, "runtime_unavailable");
    assertStringIncludes(answer.message, "The server http://127.0.0.1:9");
  });
});
