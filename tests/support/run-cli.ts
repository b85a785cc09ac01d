/** The command line on a fake host with a fake app. @module */

import type { AppPlace } from "../../src/app-types.ts";
import { type CliNeeds, runCli } from "../../src/cli/main.ts";
import { createFakeApp, type FakeApp, type FakeAppOptions } from "./fake-app.ts";
import { createFakeHost, type FakeHost, type FakeHostOptions } from "./fake-host.ts";

/** A command that is running. */
export interface RunningCli extends FakeHost {
  readonly exitCode: Promise<number>;
  /** The apps that the command made, in order. */
  readonly apps: readonly FakeApp[];
  /** Where each of them was to be. */
  readonly places: readonly AppPlace[];
}

/** Start a command. */
export function startCli(
  args: readonly string[],
  options: FakeHostOptions & { readonly app?: FakeAppOptions } = {},
): RunningCli {
  const fake = createFakeHost({ ...options, args });
  const apps: FakeApp[] = [];
  const places: AppPlace[] = [];
  const needs: CliNeeds = {
    version: "0.1.0",
    uptimeMs: () => 212.4,
    randomBytes: (length) => new Uint8Array(length).fill(7),
    async createApp({ config, reload, ...place }) {
      places.push(place);
      const made = createFakeApp(config, {
        reload: async () => {
          const { config: next } = await reload();
          return next.view === config.view
            ? { changed: [], needsRestart: [] }
            : { changed: ["view"], needsRestart: [] };
        },
        ...options.app,
      });
      apps.push(made);
      return made.app;
    },
  };
  return { ...fake, apps, places, exitCode: runCli(fake.host, needs) };
}

/** What a command that has ended left behind. */
export interface CliOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly apps: readonly FakeApp[];
  readonly places: readonly AppPlace[];
  readonly file: FakeHost["file"];
}

/** Run a command to its end. */
export async function cli(
  args: readonly string[],
  options?: Parameters<typeof startCli>[1],
): Promise<CliOutcome> {
  const running = startCli(args, options);
  const code = await running.exitCode;
  const { apps, places, file } = running;
  return { code, stdout: running.stdout(), stderr: running.stderr(), apps, places, file };
}
