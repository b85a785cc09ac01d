/** What the suite found, by scenario, and what it should have found. @module */

import { glob, readFile } from "node:fs/promises";
import { dirname, relative } from "node:path";
import { parse } from "yaml";
import { NOT_OFFERED } from "./not-offered.ts";

/** Who is tested: our server, or our client. */
export type Side = "server" | "client";

/** Revisions with a frozen set of required scenarios. */
export const REVISIONS = ["2025-11-25", "2026-07-28"] as const;
export type Revision = (typeof REVISIONS)[number];

/** One scenario's outcome; a warning counts as a failure. */
export interface ScenarioResult {
  readonly scenario: string;
  /** Not scored: an extension, or newer than the revision. */
  readonly isRequired: boolean;
  readonly passed: number;
  /** What was not as it should be, in sentences. */
  readonly faults: readonly string[];
}

interface Check {
  readonly id: string;
  readonly status: "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO";
  readonly errorMessage?: string;
}

interface Requirements {
  readonly server: readonly string[];
  readonly client: readonly string[];
  readonly not_scored: readonly { readonly scenario: string; readonly leg: Side }[];
}

const PACKAGE = new URL("../../node_modules/@modelcontextprotocol/conformance/", import.meta.url);

/** The scenarios of a revision that are ours: required ones, and those that run without being scored. */
export async function scenariosOf(
  revision: Revision,
  side: Side,
): Promise<ReadonlyMap<string, { readonly isRequired: boolean }>> {
  const file = new URL(`requirements/${revision}.yaml`, PACKAGE);
  const requirements: Requirements = parse(await readFile(file, "utf8"));
  const extra = requirements.not_scored.filter(
    ({ leg, scenario }) => leg === side && !NOT_OFFERED.has(scenario),
  );
  const required = requirements[side].map((name) => [name, true] as const);
  const all = [...required, ...extra.map(({ scenario }) => [scenario, false] as const)];
  return new Map(all.map(([name, isRequired]) => [name, { isRequired }]));
}

/** What the suite wrote into `folder`, for every scenario that should have run. */
export async function readResults(
  folder: string,
  scenarios: ReadonlyMap<string, { readonly isRequired: boolean }>,
): Promise<readonly ScenarioResult[]> {
  const found = new Map<string, readonly Check[]>();
  for await (const file of glob(`${folder}/**/checks.json`)) {
    found.set(
      scenarioOf(relative(folder, dirname(file))),
      JSON.parse(await readFile(file, "utf8")),
    );
  }
  return [...scenarios].map(([scenario, { isRequired }]) => {
    const checks = found.get(scenario);
    const passed = checks?.filter(({ status }) => status === "SUCCESS").length ?? 0;
    return { scenario, isRequired, passed, faults: checks ? faultsOf(checks) : ["it did not run"] };
  });
}

/** `server-tools-list-2026-11-20T15-46-36-436Z` → `tools-list` */
function scenarioOf(folder: string): string {
  return folder.replace(/^server-/, "").replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, "");
}

function faultsOf(checks: readonly Check[]): readonly string[] {
  return checks
    .filter(({ status }) => status === "FAILURE" || status === "WARNING")
    .map(({ id, status, errorMessage }) => `${status.toLowerCase()} ${id}: ${errorMessage ?? ""}`);
}

/** The scenarios that are known to fail. */
export async function readExpectedFailures(): Promise<Readonly<Record<Side, readonly string[]>>> {
  const expected = parse(await readFile(new URL("expected-failures.yml", import.meta.url), "utf8"));
  return { server: expected.server ?? [], client: expected.client ?? [] };
}
