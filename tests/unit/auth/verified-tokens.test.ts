import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createVerifiedTokens } from "../../../src/auth/verified-tokens.ts";
import { anonymousCaller, localCaller } from "../../../src/registry/caller.ts";

describe("createVerifiedTokens()", () => {
  it("knows a token until its time is over", () => {
    let now = 0;
    const tokens = createVerifiedTokens({ now: () => now }, 10);
    tokens.set("a", localCaller, 100);

    now = 99;
    assertEquals(tokens.get("a"), localCaller);
    now = 100;
    assertEquals(tokens.get("a"), undefined);
    assertEquals(tokens.get("b"), undefined);
  });

  it("forgets the token that was not used for longest", () => {
    const tokens = createVerifiedTokens({ now: () => 0 }, 2);
    tokens.set("a", localCaller, 1);
    tokens.set("b", localCaller, 1);
    tokens.get("a");

    tokens.set("c", anonymousCaller, 1);

    assertEquals(tokens.get("b"), undefined);
    assertEquals(tokens.get("a"), localCaller);
    assertEquals(tokens.get("c"), anonymousCaller);
  });
});
