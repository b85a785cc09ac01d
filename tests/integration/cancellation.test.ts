import { describe, it } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type Link, openPlace } from "../support/client-links.ts";

const links: readonly Link[] = ["fetch", "port", "stdio"];

describe("a call that its client cancels", () => {
  for (const link of links) {
    for (const era of ["modern", "legacy"] as const) {
      for (const via of ["its name", "dispatch"] as const) {
        it(`reaches its handler by ${link}, ${era}, called by ${via}`, async (t) => {
          const place = await openPlace(t, link);
          const client = await place.connect(era);
          const call = { name: "wait", arguments: { key: "a" } };
          const cancel = new AbortController();

          const waiting = client.callTool(
            via === "dispatch"
              ? { name: "dispatch", arguments: { tool: "wait", params: { key: "a" } } }
              : call,
            { signal: cancel.signal },
          );
          await client.callTool({ name: "seen", arguments: { moment: "started:a" } });
          cancel.abort("changed my mind");

          await assertRejects(() => waiting);
          const seen = await client.callTool({
            name: "seen",
            arguments: { moment: "cancelled:a" },
          });
          assertEquals(seen.structuredContent, { moment: "cancelled:a" });
        });
      }
    }

    it(`of SDK v1 reaches its handler by ${link}`, async (t) => {
      const place = await openPlace(t, link);
      const client = await place.connectV1();
      const cancel = new AbortController();

      const waiting = client.callTool({ name: "wait", arguments: { key: "b" } }, undefined, {
        signal: cancel.signal,
      });
      await client.callTool({ name: "seen", arguments: { moment: "started:b" } });
      cancel.abort("changed my mind");

      const error = await assertRejects(() => waiting);
      assertStringIncludes(error.message, "changed my mind");
      await client.callTool({ name: "seen", arguments: { moment: "cancelled:b" } });
    });

    it(`with progress asked for reaches its handler by ${link}`, async (t) => {
      const place = await openPlace(t, link);
      for (const era of ["modern", "legacy"] as const) {
        const client = await place.connect(era);
        const cancel = new AbortController();
        const key = `c-${era}`;

        const waiting = client.callTool(
          { name: "wait", arguments: { key } },
          { signal: cancel.signal, onprogress: () => undefined },
        );
        await client.callTool({ name: "seen", arguments: { moment: `started:${key}` } });
        cancel.abort("changed my mind");

        await assertRejects(() => waiting);
        await client.callTool({ name: "seen", arguments: { moment: `cancelled:${key}` } });
      }
    });
  }
});

describe("a call whose time is over", () => {
  for (const era of ["modern", "legacy"] as const) {
    it(`stops its handler and tells the client so, ${era}`, async (t) => {
      const { connect } = await openPlace(t, "fetch", { config: { limits: { timeoutMs: 20 } } });
      const client = await connect(era);

      const result = await client.callTool({ name: "wait", arguments: { key: "a" } });
      const seen = await client.callTool({ name: "seen", arguments: { moment: "cancelled:a" } });

      assertEquals(result.isError, true);
      assertStringIncludes(JSON.stringify(result.content), "deadline_exceeded");
      assertEquals(seen.isError, undefined);
    });
  }
});
