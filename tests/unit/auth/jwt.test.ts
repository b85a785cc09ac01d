import { after, before, describe, it, mock } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { JWTPayload } from "jose";
import { createTokenVerifier } from "../../../src/auth/jwt.ts";
import type { JwtConfig } from "../../../src/config/config.ts";
import { AuthError, UnavailableError } from "../../../src/errors.ts";
import { type Issuer, startIssuer } from "../../support/issuer.ts";

const AUDIENCE = "https://tools.example/mcp";
const START = Date.UTC(2026, 5, 1);

describe("createTokenVerifier()", () => {
  let issuer: Issuer;
  before(async () => {
    issuer = await startIssuer();
  });
  after(() => issuer[Symbol.asyncDispose]());

  function setUp(change: Partial<JwtConfig> = {}) {
    const clock = { time: START, now: () => clock.time };
    const config: JwtConfig = {
      issuer: issuer.url,
      audience: AUDIENCE,
      jwks: issuer.keys(),
      algorithms: ["ES256"],
      ...change,
    };
    return {
      clock,
      verify: createTokenVerifier(config, { clock, fetch: (url, init) => fetch(url, init) }),
    };
  }
  const remote = (): Partial<JwtConfig> => ({ jwks: undefined, jwksUri: issuer.jwksUri });
  const claims = (change: JWTPayload = {}): JWTPayload => ({
    iss: issuer.url,
    aud: AUDIENCE,
    sub: "ada",
    exp: START / 1000 + 3600,
    scope: "mcp:write mcp:category:cache",
    ...change,
  });

  it("gives the caller that the token's subject and scopes describe", async () => {
    const { verify } = setUp();

    assertEquals(await verify(await issuer.sign(claims())), {
      id: "user:ada",
      grant: { categories: new Set(["cache"]), access: "write", abilities: new Set<string>() },
    });
  });

  it("reads scopes from scp too, as text or as a list", async () => {
    const { verify } = setUp();
    const { scope: _, ...without } = claims();

    const asList = await verify(await issuer.sign({ ...without, scp: ["mcp:read", "mcp:admin"] }));
    const asText = await verify(await issuer.sign({ ...without, scp: "mcp:destructive" }));

    assertEquals(asList.grant.abilities, new Set(["admin"]));
    assertEquals(asText.grant.access, "destructive");
  });

  it("refuses what is wrong with a token, and says what", async () => {
    const { verify } = setUp();
    const seconds = START / 1000;
    const { exp: _, ...endless } = claims();
    const good = await issuer.sign(claims());
    const cases: readonly (readonly [string, string])[] = [
      [await issuer.sign(claims({ exp: seconds - 60 })), "it has expired"],
      [await issuer.sign(claims({ nbf: seconds + 60 })), "not valid yet"],
      [await issuer.sign(claims({ iss: "https://evil.example" })), "its issuer (iss) must be"],
      [await issuer.sign(claims({ aud: "https://other.example" })), `(aud) must be ${AUDIENCE}`],
      [await issuer.sign(endless), "its claim exp"],
      [`${good.slice(0, -8)}AAAAAAAA`, "its signature is not right"],
      [await issuer.sign(claims(), { kid: "unknown" }), "no key of that id"],
      ["not.a.token", "not a signed JSON Web Token"],
      ["x".repeat(20_000), "too long"],
    ];
    for (const [token, says] of cases) {
      const error = await assertRejects(async () => verify(token), AuthError, says);
      assertEquals(error.code, "unauthenticated");
    }
  });

  it("refuses unsigned tokens and algorithms that are not allowed", async () => {
    const { verify } = setUp({ algorithms: ["RS256"] });
    const unsigned = [{ alg: "none" }, claims()]
      .map((part) => btoa(JSON.stringify(part)).replaceAll("=", ""))
      .join(".");

    await assertRejects(
      async () => verify(await issuer.sign(claims())),
      AuthError,
      "signed with RS256",
    );
    await assertRejects(async () => verify(`${unsigned}.`), AuthError);
  });

  it("says which scope is missing when a token opens nothing", async () => {
    const { verify } = setUp();

    const error = await assertRejects(
      async () => verify(await issuer.sign(claims({ scope: "openid mcp:admin" }))),
      AuthError,
      "mcp:read",
    );

    assertEquals([error.code, error.data], ["capability_missing", { scopes: ["mcp:read"] }]);
  });

  it("answers at once for a token it verified lately, and checks again after five minutes", async () => {
    const { clock, verify } = setUp();
    const token = await issuer.sign(claims());
    const first = await verify(token);

    clock.time += 299_000;
    assert(verify(token) === first);
    clock.time += 1000;
    assert(verify(token) instanceof Promise);
  });

  it("does not trust a verified token beyond its own end", async () => {
    const { clock, verify } = setUp();
    const token = await issuer.sign(claims({ exp: START / 1000 + 30 }));
    await verify(token);

    clock.time += 40_000;

    await assertRejects(async () => verify(token), AuthError, "it has expired");
  });

  it("keeps control characters of a subject out of the caller's id", async () => {
    const { verify } = setUp();

    const { id } = await verify(await issuer.sign(claims({ sub: "a\nlevel=error é" })));

    assertEquals(id, "user:a_level=error__");
  });

  it("fetches the issuer's keys once, also for many tokens at once", async () => {
    const { verify } = setUp(remote());
    const before = issuer.fetches;
    const tokens = await Promise.all(["a", "b", "c"].map((sub) => issuer.sign(claims({ sub }))));

    const callers = await Promise.all(tokens.map((token) => verify(token)));

    assertEquals(
      callers.map(({ id }) => id),
      ["user:a", "user:b", "user:c"],
    );
    assertEquals(issuer.fetches - before, 1);
  });

  it("asks for new keys when a token names an unknown one, but at most every 30 seconds", async () => {
    // jose reads the host's own time for this.
    mock.timers.enable({ apis: ["Date"], now: START });
    try {
      const { verify } = setUp(remote());
      await verify(await issuer.sign(claims()));
      const before = issuer.fetches;
      await issuer.rotate();
      const token = await issuer.sign(claims());

      for (let times = 0; times < 5; times += 1) {
        await assertRejects(async () => verify(token), AuthError, "no key of that id");
      }
      assertEquals(issuer.fetches - before, 0);

      mock.timers.setTime(START + 31_000);
      assertEquals((await verify(token)).id, "user:ada");
      assertEquals(issuer.fetches - before, 1);
    } finally {
      mock.timers.reset();
    }
  });

  it("says that tokens cannot be checked while the issuer fails, and does not keep asking", async () => {
    const { clock, verify } = setUp(remote());
    const token = await issuer.sign(claims());
    issuer.status = 500;
    const before = issuer.fetches;

    const error = await assertRejects(async () => verify(token), UnavailableError, "answered 500");
    assertEquals([error.code, error.retryable], ["upstream_unavailable", true]);
    await assertRejects(async () => verify(token), UnavailableError, "just now");
    assertEquals(issuer.fetches - before, 1);

    issuer.status = 200;
    clock.time += 5000;
    assertEquals((await verify(token)).id, "user:ada");
  });
});
