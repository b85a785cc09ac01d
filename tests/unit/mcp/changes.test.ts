import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { type Change, createChanges, withoutToolChanges } from "../../../src/mcp/changes.ts";

const tools: Change = { kind: "tools_list_changed" };
const updated: Change = { kind: "resource_updated", uri: "note://a" };

describe("createChanges()", () => {
  it("tells all who listen, until they stop", () => {
    const changes = createChanges();
    const heard: Change[] = [];
    const stop = changes.subscribe((change) => heard.push(change));
    changes.subscribe((change) => heard.push(change));

    changes.publish(tools);
    stop();
    changes.publish(updated);

    assertEquals(heard, [tools, tools, updated]);
  });

  it("lets a listener stop while it is told", () => {
    const changes = createChanges();
    const heard: string[] = [];
    const stop = changes.subscribe(() => {
      heard.push("once");
      stop();
    });
    changes.subscribe(() => heard.push("always"));

    changes.publish(tools);
    changes.publish(tools);

    assertEquals(heard, ["once", "always", "always"]);
  });
});

describe("withoutToolChanges()", () => {
  it("passes on everything else", () => {
    const changes = createChanges();
    const heard: Change[] = [];
    withoutToolChanges(changes).subscribe((change) => heard.push(change));

    changes.publish(tools);
    withoutToolChanges(changes).publish(updated);

    assertEquals(heard, [updated]);
  });
});
