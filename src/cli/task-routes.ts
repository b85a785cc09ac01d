/** The commands about tasks of a running server. @module */

import { buildCommand, buildRouteMap, type Command, type RouteMap } from "@stricli/core";
import { proposeTools } from "./completion/proposals.ts";
import type { CliContext } from "./context.ts";
import { type ServerFlags, serverFlags } from "./flags.ts";

/** Flags of every command about tasks. */
export interface TaskFlags extends ServerFlags {
  readonly queue?: string;
  readonly peer?: string;
}

/** Flags of `mcpp tasks submit`. */
export interface SubmitFlags extends TaskFlags {
  readonly param?: readonly string[];
  readonly params?: string;
  readonly kind?: string;
  readonly priority?: string;
  readonly runAt?: string;
  readonly once?: string;
  readonly label?: readonly string[];
  readonly group?: string;
  readonly cron?: string;
  readonly timezone?: string;
  readonly attempts?: string;
  readonly requires?: readonly string[];
  readonly wait: boolean;
}

/** Flags of `mcpp tasks dead`. */
export interface DeadFlags extends TaskFlags {
  readonly kind?: string;
  readonly label?: string;
  readonly group?: string;
  readonly since?: string;
  readonly limit?: string;
  readonly cursor?: string;
}

/** Flags of `mcpp tasks list`. */
export interface ListTasksFlags extends DeadFlags {
  readonly state?: string;
}

/** Flags of `mcpp tasks result`. */
export interface ResultFlags extends TaskFlags {
  readonly wait: boolean;
}

/** Flags of `mcpp tasks status`. */
export interface StatusFlags extends TaskFlags {
  readonly history: boolean;
}

/** Flags of `mcpp tasks cancel`. */
export interface CancelFlags extends TaskFlags {
  readonly reason?: string;
  readonly grace?: string;
}

/** Flags of `mcpp tasks retry`. */
export interface RetryFlags extends TaskFlags {
  readonly reset: boolean;
}

/** Flags of `mcpp tasks watch`. */
export interface WatchFlags extends TaskFlags {
  readonly every: string;
}

const text = (placeholder: string, brief: string) =>
  ({ kind: "parsed", parse: String, brief, placeholder, optional: true }) as const;

const texts = (placeholder: string, brief: string) =>
  ({ ...text(placeholder, `${brief} (repeatable)`), variadic: true }) as const;

const onOff = (brief: string) =>
  ({ kind: "boolean", brief, default: false, withNegated: false }) as const;

const taskFlags = {
  ...serverFlags,
  queue: text("name", "The queue (default: default)"),
  peer: text("peer", "Ask the queue of this peer: its id or multiaddr"),
} as const;

const STATES = ["scheduled", "ready", "leased", "done", "failed", "cancelled", "dead"] as const;

const filterFlags = {
  kind: text("kind", "Only of this kind"),
  label: text("name=value", "Only with this label: its name, or name=value"),
  group: text("key", "Only of this group"),
  since: text("time", "Only submitted at or after, such as 2026-12-24T18:00:00Z"),
  limit: text("n", "At most so many (50)"),
  cursor: text("cursor", "Go on where the list before ended"),
} as const;

const positional = {
  kind: "tuple",
  parameters: [{ brief: "Id of a task", parse: String, placeholder: "task" }],
} as const;

const submit: Command<CliContext> = buildCommand<SubmitFlags, [tool?: string], CliContext>({
  loader: async () => (await import("./commands/tasks-submit.ts")).submitTask,
  parameters: {
    flags: {
      ...taskFlags,
      param: texts("name=value", "One parameter, read as the tool's schema wants it"),
      params: text("json", "All parameters as a JSON object; - reads them from standard input"),
      kind: text("kind", "A kind of task that is no tool call, for workers that know it"),
      priority: text("0-9", "9 goes first (5)"),
      runAt: text("time", "Not before, such as 2026-12-24T18:00:00Z"),
      once: text("key", "Idempotency key: the same key again is the same task"),
      label: texts("name=value", "A label, to find it in lists"),
      group: text("key", "Groups share the workers fairly"),
      cron: text("expression", "It comes back, such as '0 7 * * 1-5'"),
      timezone: text("zone", "Time zone of --cron, such as Europe/Berlin (UTC)"),
      attempts: text("n", "Attempts before it is dead"),
      requires: texts("ability", "What its worker must be able to do"),
      wait: onOff("Wait for the end and print the result"),
    },
    positional: {
      kind: "tuple",
      parameters: [
        {
          brief: "The tool to call",
          parse: String,
          placeholder: "tool",
          optional: true,
          proposeCompletions: proposeTools,
        },
      ],
    },
  },
  docs: { brief: "Submit a call of a tool that is made later, and again where it fails" },
});

const list: Command<CliContext> = buildCommand<ListTasksFlags, [], CliContext>({
  loader: async () => (await import("./commands/tasks.ts")).listTasks,
  parameters: {
    flags: {
      ...taskFlags,
      state: {
        ...text("state", `Only in this state: ${STATES.join(", ")}`),
        proposeCompletions: () => STATES,
      },
      ...filterFlags,
    },
  },
  docs: { brief: "List tasks, newest first (what mcpp tasks alone does)" },
});

const dead: Command<CliContext> = buildCommand<DeadFlags, [], CliContext>({
  loader: async () => (await import("./commands/tasks.ts")).listDead,
  parameters: { flags: { ...taskFlags, ...filterFlags } },
  docs: { brief: "List the tasks whose attempts are used up, and why" },
});

const status: Command<CliContext> = buildCommand<StatusFlags, [task: string], CliContext>({
  loader: async () => (await import("./commands/tasks.ts")).showTask,
  parameters: {
    flags: { ...taskFlags, history: onOff("With its events and their CIDs") },
    positional,
  },
  docs: { brief: "Show a task" },
});

const result: Command<CliContext> = buildCommand<ResultFlags, [task: string], CliContext>({
  loader: async () => (await import("./commands/tasks-submit.ts")).taskResult,
  parameters: { flags: { ...taskFlags, wait: onOff("Wait for its end") }, positional },
  docs: { brief: "Print a task's result" },
});

const watch: Command<CliContext> = buildCommand<WatchFlags, [task?: string], CliContext>({
  loader: async () => (await import("./commands/tasks-watch.ts")).watchTasks,
  parameters: {
    flags: {
      ...taskFlags,
      every: {
        kind: "parsed",
        parse: String,
        brief: "How often to look, in ms",
        placeholder: "ms",
        default: "500",
      },
    },
    positional: {
      kind: "tuple",
      parameters: [
        { brief: "Only this one, to its end", parse: String, placeholder: "task", optional: true },
      ],
    },
  },
  docs: { brief: "Follow tasks as they wait, run and end" },
});

const cancel: Command<CliContext> = buildCommand<CancelFlags, [task: string], CliContext>({
  loader: async () => (await import("./commands/tasks.ts")).cancelTask,
  parameters: {
    flags: {
      ...taskFlags,
      reason: text("text", "For its history"),
      grace: text("ms", "Time for its worker to stop (10000)"),
    },
    positional,
  },
  docs: { brief: "Cancel a task" },
});

const retry: Command<CliContext> = buildCommand<RetryFlags, [task: string], CliContext>({
  loader: async () => (await import("./commands/tasks.ts")).retryTask,
  parameters: {
    flags: { ...taskFlags, reset: onOff("With all its attempts again; else with one") },
    positional,
  },
  docs: { brief: "Submit a task again that failed, was cancelled or is dead" },
});

const workers: Command<CliContext> = buildCommand<TaskFlags, [], CliContext>({
  loader: async () => (await import("./commands/tasks.ts")).listWorkers,
  parameters: { flags: taskFlags },
  docs: { brief: "Show who works tasks, and how well" },
});

/** `mcpp tasks`. */
export const tasks: RouteMap<CliContext> = buildRouteMap({
  routes: { submit, list, status, result, watch, cancel, retry, dead, workers },
  docs: {
    brief: "Submit, follow and mend tasks of a running server",
    fullDescription:
      "Submit, follow and mend tasks: tool calls that are made later and survive a crash.\nThe running server of this configuration is asked, since its queues are open there; mcpp serve starts one.",
  },
});
