import { describe, it } from "node:test";
import type { CallToolResult } from "@modelcontextprotocol/client";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as v from "valibot";
import type { Category } from "../../src/registry/category.ts";
import { defineTool, type ToolLimits } from "../../src/registry/definition.ts";
import { openPlace } from "../support/client-links.ts";
import { categoryOf, createMoments, type Moments } from "../support/fixtures.ts";

interface ErrorMeta {
  readonly code: string;
  readonly data?: { readonly retryAfterMs?: number };
}

const errorIn = (result: { readonly _meta?: unknown }): ErrorMeta | undefined =>
  (result._meta as Record<string, ErrorMeta> | undefined)?.["mcplusplus/error"];

/** A tool that begins and ends when the test says so, and knows how often it ran at once. */
function holding(limits: ToolLimits = {}): {
  readonly category: Category;
  readonly moments: Moments;
  readonly most: () => number;
} {
  const moments = createMoments();
  let running = 0;
  let most = 0;
  const hold = defineTool({
    name: "hold",
    description: "Go on until told to end",
    input: v.object({ key: v.string() }),
    annotations: { readOnlyHint: true },
    routing: { limits },
    run: async ({ key }) => {
      running += 1;
      most = Math.max(most, running);
      moments.happened(`began ${key}`);
      await moments.wait(`end ${key}`);
      running -= 1;
      return key;
    },
  });
  return { category: categoryOf("holding", [hold]), moments, most: () => most };
}

describe("limits", () => {
  for (const era of ["modern", "legacy"] as const) {
    it(`refuse a caller that runs too much at once, and only while it does, ${era} era`, async (t) => {
      const { category, moments } = holding();
      const place = await openPlace(t, "fetch", {
        config: { limits: { perCallerConcurrent: 2 } },
        categories: [category],
      });
      const client = await place.connect(era);
      const call = (name: string, args: Record<string, unknown>): Promise<CallToolResult> =>
        client.callTool({ name, arguments: args });

      const running = [call("hold", { key: "a" }), call("hold", { key: "b" })];
      await Promise.all([moments.wait("began a"), moments.wait("began b")]);
      const refused = await call("add", { a: 1, b: 1 });
      moments.happened("end a");
      moments.happened("end b");
      const done = await Promise.all(running);
      const admitted = await call("add", { a: 1, b: 1 });

      assertEquals([refused.isError, errorIn(refused)?.code], [true, "queue_full"]);
      assertEquals(
        done.map(({ isError }) => isError),
        [undefined, undefined],
      );
      assertEquals(admitted.structuredContent, { sum: 2 });
    });

    it(`tell a caller that asks too often when to come back, ${era} era`, async (t) => {
      const place = await openPlace(t, "fetch", { config: { limits: { perCallerPerSecond: 2 } } });
      const client = await place.connect(era);
      const call = (): ReturnType<typeof client.callTool> =>
        client.callTool({ name: "add", arguments: { a: 1, b: 1 } });

      const results = [await call(), await call(), await call(), await call(), await call()];

      const codes = results.map((result) => errorIn(result)?.code);
      assertEquals(codes.slice(0, 2), [undefined, undefined]);
      const refused = results.find((result) => errorIn(result)?.code === "rate_limited");
      assert(refused, codes.join());
      const waitMs = errorIn(refused)?.data?.retryAfterMs ?? 0;
      assert(waitMs > 0 && waitMs <= 500, String(waitMs));
      assertStringIncludes(JSON.stringify(refused.content), "try again in");
    });
  }

  it("let a tool run as often at once as it says; the others wait their turn", async (t) => {
    const { category, moments, most } = holding({ concurrency: 1 });
    const place = await openPlace(t, "fetch", { categories: [category] });
    const client = await place.connect("modern");
    const call = (key: string): Promise<unknown> =>
      client.callTool({ name: "hold", arguments: { key } });

    const all = [call("a"), call("b")];
    await moments.wait("began a");
    moments.happened("end a");
    await moments.wait("began b");
    moments.happened("end b");
    await Promise.all(all);

    assertEquals(most(), 1);
  });

  it("bound a batch", async (t) => {
    const place = await openPlace(t, "fetch", { config: { limits: { maxBatch: 2 } } });
    const client = await place.connect("modern");
    const one = { tool: "add", params: { a: 1, b: 1 } };

    const right = await client.callTool({ name: "dispatch", arguments: { calls: [one, one] } });
    const wrong = await client.callTool({
      name: "dispatch",
      arguments: { calls: [one, one, one] },
    });

    assertEquals(right.isError, undefined);
    assertEquals([wrong.isError, errorIn(wrong)?.code], [true, "invalid_input"]);
  });
});
