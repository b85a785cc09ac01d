import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import * as v from "valibot";
import { defineTool, type Tool } from "../../../src/registry/definition.ts";
import { interfaceCid } from "../../../src/registry/interfaces.ts";

const toolOf = (description: string, input = v.object({ a: v.number() })): Tool =>
  defineTool({ name: "add", description, input, run: () => 0 });

describe("interfaceCid()", () => {
  it("is the same for the same contract, whatever the wording", async () => {
    const cid = await interfaceCid(toolOf("Add"));

    assertMatch(cid, /^bafyrei[a-z2-7]+$/);
    assertEquals(await interfaceCid(toolOf("Sum up, in other words")), cid);
  });

  it("differs where the parameters do", async () => {
    const other = v.object({ a: v.string() }) as unknown as v.ObjectSchema<
      { a: v.NumberSchema<undefined> },
      undefined
    >;

    assertNotEquals(await interfaceCid(toolOf("Add", other)), await interfaceCid(toolOf("Add")));
  });
});
