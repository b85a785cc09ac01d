/** What every command gets as `this`. @module */

import type { CommandContext, StricliProcess } from "@stricli/core";
import type { App, AppPlace } from "../app-types.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { Host } from "../host.ts";
import type { Output } from "./output.ts";

/** What a program hands over to have an app made. */
export interface CreateAppOptions extends LoadedConfig, AppPlace {
  readonly host: Host;
  /** Reads the configuration again, for a reload. */
  readonly reload: () => Promise<LoadedConfig>;
  /** Without the built-in tools. */
  readonly isBare?: boolean;
}

/** What the composition root lends to the commands. */
export interface CliNeeds {
  readonly version: string;
  createApp(options: CreateAppOptions): Promise<App>;
  /** Milliseconds since the process started. */
  uptimeMs(): number;
  randomBytes(length: number): Uint8Array;
}

/** What every command gets as `this`. */
export interface CliContext extends CommandContext {
  /** Where stricli writes help and usage errors; `exitCode` is that of the process. */
  readonly process: StricliProcess;
  readonly host: Host;
  readonly needs: CliNeeds;
  readonly output: Output;
}
