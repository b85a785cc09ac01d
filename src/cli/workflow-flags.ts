/** Flags that the commands about workflows share. @module */

import type { FlagParametersForType } from "@stricli/core";
import type { CliContext } from "./context.ts";
import { type ServerFlags, serverFlags } from "./flags.ts";

/** Flags of every command about workflows. */
export interface RunFlags extends ServerFlags {
  readonly queue?: string;
  readonly peer?: string;
}

/** Flags of `mcpp workflow submit`. */
export interface SubmitRunFlags extends RunFlags {
  readonly input?: string;
  readonly param?: readonly string[];
  readonly once?: string;
  readonly with?: readonly string[];
  readonly label?: readonly string[];
  readonly watch: boolean;
}

/** Flags of `mcpp workflow list`. */
export interface ListRunsFlags extends RunFlags {
  readonly state?: string;
  readonly label?: string;
  readonly limit?: string;
  readonly cursor?: string;
}

/** Flags of `mcpp workflow result`. */
export interface RunResultFlags extends RunFlags {
  readonly wait: boolean;
}

/** Flags of `mcpp workflow dag`. */
export interface DagFlags extends RunFlags {
  readonly format: string;
  readonly out?: string;
}

/** Flags of `mcpp workflow cancel`. */
export interface CancelRunFlags extends RunFlags {
  readonly reason?: string;
  readonly compensate: boolean;
}

/** Flags of `mcpp workflow signal`. */
export interface SignalFlags extends RunFlags {
  readonly payload?: string;
}

/** Flags of `mcpp workflow approve`. */
export interface ApproveFlags extends RunFlags {
  readonly no: boolean;
  readonly note?: string;
}

/** Flags of `mcpp workflow reschedule`. */
export interface RescheduleFlags extends RunFlags {
  readonly from?: string;
}

const text = (placeholder: string, brief: string) =>
  ({ kind: "parsed", parse: String, brief, placeholder, optional: true }) as const;

/** The flags of {@link RunFlags}. */
export const runFlags: FlagParametersForType<RunFlags, CliContext> = {
  ...serverFlags,
  queue: text("name", "The queue of its tasks (default: default)"),
  peer: text("peer", "Ask this peer: its id or multiaddr"),
};
