import { describe, it } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UnavailableError } from "../../../src/errors.ts";
import { CACHE_MS, createPublicIp } from "../../../src/peers/public-ip.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const { signal } = new AbortController();
const ask = { refresh: false, signal };

/** Services by name with what each answers. */
function setUp(
  answers: Record<string, string | Error | Response | "never">,
  observed: string[] = [],
) {
  const clock = createFakeClock();
  const asked: string[] = [];
  const fetch = (url: string): Promise<Response> => {
    asked.push(url);
    const answer = answers[url];
    if (answer === "never") return new Promise(() => {});
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve(answer instanceof Response ? answer : new Response(answer));
  };
  const find = createPublicIp({
    services: () => Object.keys(answers),
    observed: () => observed,
    fetch,
    clock,
  });
  return { clock, asked, answers, find };
}

describe("createPublicIp()", () => {
  it("believes what most services say", async () => {
    const { find } = setUp({ a: "8.8.4.4\n", b: "8.8.4.4", c: "9.9.9.9" });

    assertEquals(await find(ask), {
      address: "8.8.4.4",
      family: "IPv4",
      agreed: 2,
      asked: 3,
      sources: [
        { source: "a", address: "8.8.4.4" },
        { source: "b", address: "8.8.4.4" },
        { source: "c", address: "9.9.9.9" },
      ],
    });
  });

  it("leaves out those that fail, answer a page, or name no public address, with their reasons", async () => {
    const { find } = setUp({
      a: "8.8.4.4",
      b: "8.8.4.4",
      down: new Error("no route"),
      page: "<html>",
      long: "x".repeat(300),
      local: "192.168.1.7",
      error: new Response("8.8.8.8", { status: 500 }),
    });

    const { agreed, asked, sources } = await find(ask);
    assertEquals([agreed, asked], [2, 2]);
    assertEquals(
      sources.slice(2).map(({ error }) => error),
      [
        "no route",
        '"<html>" is no IP address',
        "long answered with more than 256 bytes",
        "192.168.1.7 is not a public address but private",
        "error answered 500",
      ],
    );
  });

  it("does not wait for a service that does not answer", async () => {
    const { find, clock } = setUp({ a: "8.8.4.4", b: "8.8.4.4", slow: "never" });
    const finding = find(ask);
    await clock.advance(5000);

    assertEquals((await finding).sources[2]?.error, "slow did not answer within 5000 ms");
  });

  it("counts what connected peers observe as one voice", async () => {
    const observed = ["/ip4/8.8.4.4/tcp/4001", "/ip4/8.8.4.4/tcp/52000", "/ip4/192.168.1.7/tcp/1"];
    const { find } = setUp({ a: "8.8.4.4" }, observed);

    const { agreed, sources } = await find(ask);
    assertEquals(agreed, 2);
    assertEquals(sources[1], { source: "connected peers", address: "8.8.4.4" });
    await assertRejects(() => setUp({}, observed).find(ask), UnavailableError);
  });

  it("does not count IPv4 against IPv6, in any spelling", async () => {
    const { find } = setUp({ a: "2001:4860::8888", b: "2001:4860:0:0:0:0:0:8888", c: "8.8.4.4" });

    const { address, family, agreed, asked } = await find(ask);
    assertEquals([address, family, agreed, asked], ["2001:4860::8888", "IPv6", 2, 2]);
  });

  it("says what each said where no two agree", async () => {
    const { find } = setUp({ a: "8.8.4.4", b: "9.9.9.9", c: new Error("no route") });

    const error = await assertRejects(() => find(ask), UnavailableError);
    assertStringIncludes(error.message, "a: 8.8.4.4; b: 9.9.9.9; c: no route");
    const none = await assertRejects(() => setUp({}).find(ask), UnavailableError);
    assertStringIncludes(none.message, "mesh.publicIpServices");
  });

  it("asks again after an hour, or when told to", async () => {
    const { find, clock, asked, answers } = setUp({ a: "8.8.4.4", b: "8.8.4.4" });
    await find(ask);
    Object.assign(answers, { a: "9.9.9.9", b: "9.9.9.9" });

    assertEquals((await find(ask)).address, "8.8.4.4");
    assertEquals(asked.length, 2);
    assertEquals((await find({ ...ask, refresh: true })).address, "9.9.9.9");
    await clock.advance(CACHE_MS - 1);
    await find(ask);
    assertEquals(asked.length, 4);
    await clock.advance(1);
    await find(ask);
    assertEquals(asked.length, 6);
  });

  it("ends with its caller", async () => {
    const { find } = setUp({ a: "8.8.4.4", b: "8.8.4.4" });
    await assertRejects(
      () => find({ refresh: false, signal: AbortSignal.abort(new Error("enough")) }),
      Error,
      "enough",
    );
  });
});
