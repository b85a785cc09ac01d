/** Which feature switches this version can turn on. @module */

import type { Config } from "./config.ts";

/** The name of a feature switch. */
export type FeatureName = keyof Config["features"];

/** The features that this version has; the other switches exist so that they can be refused. */
export const presentFeatures: ReadonlySet<FeatureName> = new Set<FeatureName>([
  "upstream",
  "mesh",
  "queue",
  "workflow",
  "publicBootstrap",
  "githubRegistry",
]);

/** Switches that are on without anything behind them. */
export function missingFeatures(features: Config["features"]): readonly FeatureName[] {
  const names = Object.keys(features) as FeatureName[];
  return names.filter((name) => features[name] && !presentFeatures.has(name));
}
