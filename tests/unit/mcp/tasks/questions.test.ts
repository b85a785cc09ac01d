import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { unanswerable } from "../../../../src/mcp/tasks/questions.ts";

const requests = {
  a: { method: "elicitation/create", params: {} },
  b: { method: "sampling/createMessage", params: {} },
  c: { method: "roots/list" },
};

describe("unanswerable()", () => {
  it("finds nothing where the client declared all that is asked of it", () => {
    const client = { elicitation: {}, sampling: {}, roots: {} };
    assertEquals(unanswerable(requests, client), undefined);
    assertEquals(unanswerable({}, {}), undefined);
  });

  it("names each capability that is missing once", () => {
    const twice = { ...requests, d: { method: "roots/list" } };
    assertEquals(unanswerable(twice, { elicitation: {} }), { sampling: {}, roots: {} });
  });
});
