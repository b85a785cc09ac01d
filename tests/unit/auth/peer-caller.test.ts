import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import * as v from "valibot";
import { authorize } from "../../../src/auth/authorize.ts";
import { type PeerRules, peerCaller } from "../../../src/auth/peer-caller.ts";
import type { PeerRuleConfig } from "../../../src/config/config.ts";
import { AuthError } from "../../../src/errors.ts";
import { defineTool } from "../../../src/registry/definition.ts";
import type { RegisteredTool } from "../../../src/registry/registry.ts";

const ME = "12D3KooWMe";
const OTHER = "12D3KooWOther";

function registered(name: string, more: object = {}, category = "cache"): RegisteredTool {
  const tool = defineTool({
    name,
    description: name,
    input: v.object({}),
    run: () => "done",
    ...more,
  });
  return { name, category, tool };
}

const reads = { annotations: { readOnlyHint: true } } as const;
const rule = (more: Partial<PeerRuleConfig>): PeerRuleConfig => ({
  peer: ME,
  tools: [],
  categories: [],
  abilities: [],
  ...more,
});
const rules = (...allow: readonly PeerRuleConfig[]): PeerRules => ({
  allow,
  isAnonymousOpen: true,
});

/** Whether {@link ME} may call it. */
function may(tool: RegisteredTool, given: PeerRules): boolean {
  try {
    authorize(peerCaller(ME, given), tool);
    return true;
  } catch (error) {
    if (error instanceof AuthError) return false;
    throw error;
  }
}

describe("a peer as a caller", () => {
  it("may read without a rule, and nothing more", () => {
    assertEquals(may(registered("get", reads), rules()), true);
    assertEquals(may(registered("wipe"), rules()), false);
    assertEquals(
      may(registered("set", { annotations: { destructiveHint: false } }), rules()),
      false,
    );
  });

  it("may do what a rule for it, or for everybody, opens", () => {
    const wipe = registered("wipe");
    assertEquals(may(wipe, rules(rule({ tools: ["wipe"] }))), true);
    assertEquals(may(wipe, rules(rule({ peer: "*", tools: ["wipe"] }))), true);
    assertEquals(may(wipe, rules(rule({ categories: ["cache"] }))), true);
    assertEquals(may(wipe, rules(rule({ peer: OTHER, tools: ["wipe"] }))), false);
    assertEquals(may(wipe, rules(rule({ categories: ["queue"] }))), false);
    const two = rules(rule({ tools: ["set"] }), rule({ peer: "*", tools: ["wipe"] }));
    assertEquals(may(wipe, two), true);
  });

  it("is let in by the pattern of a name, and by nothing that looks like one", () => {
    const wipe = registered("cache_wipe");
    for (const [pattern, opens] of [
      ["*", true],
      ["cache_*", true],
      ["*_wipe", true],
      ["c*w*e", true],
      ["cache", false],
      ["cache_.*", false],
      ["CACHE_*", false],
      ["wipe*", false],
      ["", false],
    ] as const) {
      assertEquals(may(wipe, rules(rule({ tools: [pattern] }))), opens, pattern);
    }
  });

  it("needs the named right of a tool besides", () => {
    const restart = registered("restart", { ...reads, routing: { ability: "admin" } });
    const error = assertThrows(
      () => authorize(peerCaller(ME, rules(rule({ tools: ["*"] }))), restart),
      AuthError,
      "no rule of mesh.allow there gives",
    );
    assertEquals(error.data, {
      tool: "restart",
      ability: "admin",
      rule: { peer: ME, abilities: ["admin"] },
    });
    assertEquals(may(restart, rules(rule({ abilities: ["admin"] }))), true);
  });

  it("may use nothing where strangers are kept out and no rule names it, and is told which would do", () => {
    const closed = { allow: [], isAnonymousOpen: false };
    const get = registered("get", reads);
    const error = assertThrows(() => authorize(peerCaller(ME, closed), get), AuthError);
    assertEquals(error.message.includes("keeps strangers out"), true);
    assertEquals(error.data, {
      tool: "get",
      category: "cache",
      rule: { peer: ME, tools: ["get"] },
    });
    assertEquals(may(get, { ...closed, allow: [rule({ peer: OTHER })] }), false);
    assertEquals(may(get, { ...closed, allow: [rule({})] }), true);
  });

  it("sees nothing of other peers, whatever the rules say", () => {
    const passing = registered("get", reads, "peer:attic");
    assertEquals(may(passing, rules(rule({ tools: ["*"], categories: ["peer:attic"] }))), false);
  });
});
