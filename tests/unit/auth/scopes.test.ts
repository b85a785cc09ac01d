import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { grantOf } from "../../../src/auth/scopes.ts";

describe("grantOf()", () => {
  it("takes the farthest access, everywhere unless categories are named", () => {
    assertEquals(grantOf(["openid", "mcp:read", "mcp:write"]), {
      categories: "*",
      access: "write",
      abilities: new Set<string>(),
    });
    assertEquals(grantOf(["mcp:destructive", "mcp:read"])?.access, "destructive");
  });

  it("confines a caller to the categories that its scopes name", () => {
    assertEquals(
      grantOf(["mcp:read", "mcp:category:cache", "mcp:category:github"])?.categories,
      new Set(["cache", "github"]),
    );
  });

  it("makes every other scope of this server an ability", () => {
    assertEquals(
      grantOf(["mcp:read", "mcp:admin", "admin", "other:admin"])?.abilities,
      new Set(["admin"]),
    );
  });

  it("opens nothing without an access", () => {
    assertEquals(grantOf([]), undefined);
    assertEquals(grantOf(["mcp:admin", "mcp:category:cache", "openid", "read"]), undefined);
  });
});
