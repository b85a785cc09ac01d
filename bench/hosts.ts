/** The three hosts, as installed by npm: where their programs are and how they start a file. @module */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { UnavailableError } from "../src/errors.ts";

export type HostName = "node" | "bun" | "deno";

export const hostNames: readonly HostName[] = ["node", "bun", "deno"];

export const projectFolder: string = join(import.meta.dirname, "..");

const leads: Readonly<Record<HostName, readonly string[]>> = {
  node: ["--disable-warning=ExperimentalWarning"],
  bun: ["run"],
  deno: ["run", "-A", "--no-check"],
};

const programOf = (host: HostName): string => join(projectFolder, "node_modules", ".bin", host);

/** Program and arguments that run a file on a host. */
export function commandOn(host: HostName, file: string, ...args: string[]): readonly string[] {
  return [programOf(host), ...leads[host], file, ...args];
}

/** The version that a host tells of itself, e.g. `24.21.0`. */
export function versionOf(host: HostName): string {
  const { stdout, status } = spawnSync(programOf(host), ["--version"], { encoding: "utf8" });
  const version = /\d+\.\d+\.\d+/.exec(stdout ?? "")?.[0];
  if (status !== 0 || version === undefined) {
    throw new UnavailableError(
      "runtime_unavailable",
      `"${host} --version" did not answer; \`npm ci\` installs all three hosts`,
    );
  }
  return version;
}
