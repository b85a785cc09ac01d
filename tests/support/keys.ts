/** API keys for tests: real ones, with the configuration that knows them. @module */

import { createApiKey } from "../../src/auth/api-keys.ts";
import type { ApiKeyConfig, Config } from "../../src/config/config.ts";

/** A configuration with keys, and the headers that go with them. */
export interface TestKeys {
  readonly auth: Config["auth"];
  /** The header that makes a request one of the key `id`. */
  as(id: string): Record<string, string>;
}

/** Keys by id; what an entry leaves out is `read` in every category. */
export function createKeys(entries: Record<string, Partial<ApiKeyConfig>>): TestKeys {
  const made = Object.entries(entries).map(([id, entry]) => {
    const { key, hash } = createApiKey(id, (length) =>
      crypto.getRandomValues(new Uint8Array(length)),
    );
    const config: ApiKeyConfig = { id, hash, categories: "*", access: "read", ...entry };
    return { id, key, config };
  });
  const auth: Config["auth"] = {
    keys: made.map(({ config }) => config),
    jwt: undefined,
    anonymous: false,
  };
  const as = (id: string): Record<string, string> => ({
    authorization: `Bearer ${made.find((one) => one.id === id)?.key}`,
  });
  return { auth, as };
}
