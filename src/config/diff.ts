/** What changed between two configurations, and whether a running server can follow. @module */

import type { Config, SettingKey } from "./config.ts";
import { settingKeys, settingOf } from "./schema.ts";

/** The keys whose values differ. */
export interface ConfigDiff {
  readonly changed: readonly SettingKey[];
  /** Those of them that only a restart applies. */
  readonly needsRestart: readonly SettingKey[];
}

/** The value of a setting. */
export function settingIn(config: Config, key: SettingKey): unknown {
  let value: unknown = config;
  // Keys come from the table and the table follows Config, so every step is an object with that key.
  for (const part of key.split(".")) value = (value as Readonly<Record<string, unknown>>)[part];
  return value;
}

/** JSON in which the order of keys does not matter. */
function fingerprint(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** The keys that differ between `before` and `after`. */
export function diffConfig(before: Config, after: Config): ConfigDiff {
  const changed = settingKeys.filter(
    (key) => fingerprint(settingIn(before, key)) !== fingerprint(settingIn(after, key)),
  );
  return { changed, needsRestart: changed.filter((key) => settingOf(key).needsRestart === true) };
}
