/** The schema that editors use says the same as the loader. @module */

import { describe, it } from "node:test";
import { type Schema, Validator } from "@cfworker/json-schema";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { configJsonSchema } from "../../../src/config/json-schema.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { environmentNameOf, settingKeys, settings } from "../../../src/config/schema.ts";
import { InputError } from "../../../src/errors.ts";

const validator = new Validator(configJsonSchema() as Schema, "2020-12", false);

const load = (value: unknown) =>
  loadConfig({
    file: { path: "mcpp.json", text: JSON.stringify(value) },
    environment: {},
    flags: [],
    dataHome: "/data",
    workingFolder: "/work",
  });

/** Mostly right, so that many configurations load; now and then anything at all. */
const mostly = <T>(right: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: fc.jsonValue() });

const words = fc.array(fc.string({ minLength: 1 }), { maxLength: 3 });
const optional = { requiredKeys: [] };
const server = fc.oneof(
  fc.record({ command: fc.string({ minLength: 1 }), args: words }),
  fc.record({ url: fc.webUrl(), disabled: fc.boolean() }),
);
const anything = fc.record(
  {
    $schema: fc.string(),
    name: mostly(fc.string({ minLength: 1 })),
    view: mostly(fc.constantFrom("meta", "flat", "hybrid")),
    listen: mostly(
      fc.record(
        { port: mostly(fc.nat(65_535)), hostname: fc.constantFrom("::1", "localhost", "::") },
        optional,
      ),
    ),
    roots: mostly(words),
    cache: fc.record({ defaultTtlMs: mostly(fc.integer({ min: 1 })) }, optional),
    features: mostly(fc.dictionary(fc.constantFrom("upstream", "upsteam"), fc.boolean())),
    auth: fc.record(
      {
        anonymous: fc.boolean(),
        jwt: mostly(
          fc.record({
            issuer: fc.string({ minLength: 1 }),
            audience: fc.string({ minLength: 1 }),
            jwksUri: mostly(fc.webUrl({ validSchemes: ["https"] })),
          }),
        ),
      },
      optional,
    ),
    mcpServers: mostly(fc.dictionary(fc.string({ minLength: 1, maxLength: 64 }), server)),
  },
  optional,
);

describe("configJsonSchema()", () => {
  it("agrees with the loader on every value, and the loader refuses only on purpose", async () => {
    let loaded = 0;
    await fc.assert(
      fc.asyncProperty(anything, async (value) => {
        const outcome = await load(value).catch((error: unknown) => error);
        if (outcome instanceof Error) {
          assert(outcome instanceof InputError, `${outcome.stack}`);
          assertEquals(outcome.code, "invalid_config");
        } else {
          loaded += 1;
          // A key without a value is left out on purpose, where a schema sees a null.
          const said = JSON.parse(JSON.stringify(value), (_k, v) => v ?? undefined) as object;
          const { valid, errors } = validator.validate(said);
          assert(valid, `${JSON.stringify(said)}: ${JSON.stringify(errors)}`);
        }
      }),
      { numRuns: 400, seed: 20261120 },
    );
    assert(loaded > 20, `only ${loaded} of 400 configurations were good ones`);
  });

  it("takes a file with everything in it, and refuses a typing mistake", () => {
    const full = {
      $schema: "./mcpp.schema.json",
      listen: { port: 1, allowedHosts: ["a"] },
      auth: { keys: [{ id: "ci", hash: `sha256:${"0".repeat(64)}`, categories: ["cache"] }] },
      mcpServers: { a: { command: "npx", args: ["x"] }, b: { url: "https://b.example/mcp" } },
    };
    assertEquals(validator.validate(full).valid, true);
    assertEquals(validator.validate({ servers: full.mcpServers }).valid, true);
    assertEquals(validator.validate({ ...full, listen: { prot: 1 } }).valid, false);
    assertEquals(validator.validate({ mcpServers: { a: { args: [] } } }).valid, false);
  });
});

describe("settings", () => {
  it("has a sentence for every setting, and no name twice", () => {
    const variables = settingKeys.flatMap((key) => [
      environmentNameOf(key),
      ...(settings[key].alias ? [settings[key].alias] : []),
    ]);
    assertEquals(variables.length, new Set(variables).size);
    assertEquals(environmentNameOf("listen.allowedHosts"), "MCPP_LISTEN_ALLOWED_HOSTS");
    for (const key of settingKeys) {
      assert(settings[key].description.length > 10, key);
      assert(settings[key].default !== undefined || settings[key].defaultText, key);
    }
  });
});
