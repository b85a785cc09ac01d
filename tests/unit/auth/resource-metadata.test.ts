import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { challengeOf, resourceMetadata } from "../../../src/auth/resource-metadata.ts";
import type { JwtConfig } from "../../../src/config/config.ts";
import { AuthError, InputError } from "../../../src/errors.ts";

const jwt: JwtConfig = {
  issuer: "https://login.example",
  audience: "https://tools.example/mcp",
  jwksUri: "https://login.example/jwks",
  algorithms: ["ES256"],
};
const url = "http://10.0.0.7:8000/mcp";

describe("resourceMetadata()", () => {
  it("names this server as its tokens do, whatever proxy is in between", () => {
    assertEquals(resourceMetadata(jwt, url), {
      resource: "https://tools.example/mcp",
      resource_name: "mcplusplus",
      authorization_servers: ["https://login.example"],
      scopes_supported: ["mcp:read", "mcp:write", "mcp:destructive", "mcp:admin"],
      bearer_methods_supported: ["header"],
    });
  });

  it("takes the request's address where the audience is not an address", () => {
    const named = resourceMetadata({ ...jwt, audience: "api://tools" }, url);
    const bare = resourceMetadata({ ...jwt, audience: "https://tools.example" }, url);

    assertEquals(named.resource, "http://10.0.0.7:8000/mcp");
    assertEquals(bare.resource, "https://tools.example");
  });
});

describe("challengeOf()", () => {
  const metadata =
    'resource_metadata="https://tools.example/.well-known/oauth-protected-resource/mcp"';

  it("leads a client without a token to the authorization server, and blames nobody", () => {
    const missing = new AuthError("unauthenticated", "Who?", { data: { reason: "missing" } });

    assertEquals(challengeOf(missing, jwt, url), `Bearer ${metadata}, scope="mcp:read"`);
  });

  it("says that a token is invalid, in characters that a header can carry", () => {
    const error = new AuthError("unauthenticated", 'The "token" is — bad\n');

    assertEquals(
      challengeOf(error, jwt, url),
      `Bearer ${metadata}, scope="mcp:read", error="invalid_token", error_description="The 'token' is ? bad?"`,
    );
  });

  it("names all missing scopes at once", () => {
    const error = new AuthError("capability_missing", "No", {
      data: { scopes: ["mcp:write", "mcp:admin"] },
    });

    assertEquals(
      challengeOf(error, jwt, url),
      `Bearer ${metadata}, scope="mcp:write mcp:admin", error="insufficient_scope", error_description="No"`,
    );
  });

  it("sends nobody to an authorization server that does not exist", () => {
    const missing = new AuthError("unauthenticated", "Who?", { data: { reason: "missing" } });

    assertEquals(challengeOf(missing, undefined, url), 'Bearer realm="mcplusplus"');
  });

  it("is silent about errors that no credential mends", () => {
    assertEquals(challengeOf(new AuthError("forbidden_path", "No"), jwt, url), undefined);
    assertEquals(challengeOf(new InputError("invalid_input", "No"), jwt, url), undefined);
  });
});
