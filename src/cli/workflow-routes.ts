/** The commands about workflows of a running server. @module */

import { buildCommand, buildRouteMap, type Command, type RouteMap } from "@stricli/core";
import type { CliContext } from "./context.ts";
import {
  type ApproveFlags,
  type CancelRunFlags,
  type DagFlags,
  type ListRunsFlags,
  type RescheduleFlags,
  type RunFlags,
  type RunResultFlags,
  runFlags,
  type SignalFlags,
  type SubmitRunFlags,
} from "./workflow-flags.ts";
import { verify } from "./workflow-verify-route.ts";

const text = (placeholder: string, brief: string) =>
  ({ kind: "parsed", parse: String, brief, placeholder, optional: true }) as const;

const texts = (placeholder: string, brief: string) =>
  ({ ...text(placeholder, `${brief} (repeatable)`), variadic: true }) as const;

const onOff = (brief: string) =>
  ({ kind: "boolean", brief, default: false, withNegated: false }) as const;

const STATES = ["running", "paused", "ending", "done", "failed", "cancelled"] as const;

const FORMATS = ["mermaid", "dot", "svg", "json", "car"] as const;

const word = (placeholder: string, brief: string) =>
  ({ brief, parse: String, placeholder }) as const;

const run = word("workflow", "Id of a workflow that was submitted");

const ofRun = { kind: "tuple", parameters: [run] } as const;

const ofNode = {
  kind: "tuple",
  parameters: [run, word("node", "Id of the node that waits")],
} as const;

const submit: Command<CliContext> = buildCommand<SubmitRunFlags, [file: string], CliContext>({
  loader: async () => (await import("./commands/workflow-submit.ts")).submitRun,
  parameters: {
    flags: {
      ...runFlags,
      input: text("json", "Its input as JSON; - reads it from standard input"),
      param: texts("name=value", "One value of its input, read as JSON where it is JSON"),
      once: text("key", "Idempotency key: the same key again is the same run"),
      label: texts("name=value", "A label, to find it in lists"),
      with: texts("peer", "A peer that takes part: $peers in the workflow"),
      watch: onOff("Follow it to its end"),
    },
    positional: {
      kind: "tuple",
      parameters: [word("file", "The workflow in YAML or JSON; - reads it from standard input")],
    },
  },
  docs: { brief: "Submit a workflow: a graph of tool calls" },
});

const list: Command<CliContext> = buildCommand<ListRunsFlags, [], CliContext>({
  loader: async () => (await import("./commands/workflow.ts")).listRuns,
  parameters: {
    flags: {
      ...runFlags,
      state: {
        ...text("state", `Only in this state: ${STATES.join(", ")}`),
        proposeCompletions: () => STATES,
      },
      label: text("name=value", "Only with this label: its name, or name=value"),
      limit: text("n", "At most so many"),
      cursor: text("cursor", "Go on where the list before ended"),
    },
  },
  docs: { brief: "List workflows, newest first (what mcpp workflow alone does)" },
});

const status: Command<CliContext> = buildCommand<RunFlags, [workflow: string], CliContext>({
  loader: async () => (await import("./commands/workflow.ts")).showRun,
  parameters: { flags: runFlags, positional: ofRun },
  docs: { brief: "Show a workflow and each of its nodes" },
});

const result: Command<CliContext> = buildCommand<RunResultFlags, [workflow: string], CliContext>({
  loader: async () => (await import("./commands/workflow-submit.ts")).runResult,
  parameters: { flags: { ...runFlags, wait: onOff("Wait for its end") }, positional: ofRun },
  docs: { brief: "Print a workflow's result" },
});

const watch: Command<CliContext> = buildCommand<RunFlags, [workflow: string], CliContext>({
  loader: async () => (await import("./commands/workflow-watch.ts")).watchRun,
  parameters: { flags: runFlags, positional: ofRun },
  docs: {
    brief: "Follow a workflow to its end",
    fullDescription:
      "Follow a workflow to its end: drawn on a terminal, a line per change of a node elsewhere.\nWith --json a line per changed node, and the workflow itself as the last one.",
  },
});

const dag: Command<CliContext> = buildCommand<DagFlags, [workflow: string], CliContext>({
  loader: async () => (await import("./commands/workflow.ts")).printDag,
  parameters: {
    flags: {
      ...runFlags,
      format: {
        kind: "parsed",
        parse: String,
        proposeCompletions: () => FORMATS,
        brief: FORMATS.join(", "),
        placeholder: "format",
        default: "mermaid",
      },
      out: text("path", "Write it to this file"),
    },
    positional: ofRun,
  },
  docs: { brief: "Print a workflow's graph, for a page or another program" },
});

const cancel: Command<CliContext> = buildCommand<CancelRunFlags, [workflow: string], CliContext>({
  loader: async () => (await import("./commands/workflow-steer.ts")).cancelRun,
  parameters: {
    flags: {
      ...runFlags,
      reason: text("text", "For its history"),
      compensate: {
        kind: "boolean",
        brief: "Undo what its finished nodes did, where they say how",
        default: true,
      },
    },
    positional: ofRun,
  },
  docs: { brief: "Cancel a workflow" },
});

type OfNode = [workflow: string, node: string];

const signal: Command<CliContext> = buildCommand<SignalFlags, OfNode, CliContext>({
  loader: async () => (await import("./commands/workflow-steer.ts")).signalNode,
  parameters: {
    flags: { ...runFlags, payload: text("json", "What the node's result will be, as JSON") },
    positional: ofNode,
  },
  docs: { brief: "Send the signal that a node waits for" },
});

const approve: Command<CliContext> = buildCommand<ApproveFlags, OfNode, CliContext>({
  loader: async () => (await import("./commands/workflow-steer.ts")).approveNode,
  parameters: {
    flags: { ...runFlags, no: onOff("Refuse it"), note: text("text", "Why, for its history") },
    positional: ofNode,
  },
  docs: { brief: "Approve what a node asks about, or refuse it" },
});

const steered = (
  action: "pauseRun" | "resumeRun" | "takeOverRun",
  brief: string,
): Command<CliContext> =>
  buildCommand<RunFlags, [workflow: string], CliContext>({
    loader: async () => (await import("./commands/workflow-steer.ts"))[action],
    parameters: { flags: runFlags, positional: ofRun },
    docs: { brief },
  });

const pause = steered("pauseRun", "Begin no further node until it is resumed");
const resume = steered("resumeRun", "Go on with a workflow that was paused");
const takeover = steered("takeOverRun", "Coordinate it here, because its coordinator is gone");

const handoff: Command<CliContext> = buildCommand<RunFlags, [id: string, to: string], CliContext>({
  loader: async () => (await import("./commands/workflow-steer.ts")).handOffRun,
  parameters: {
    flags: runFlags,
    positional: {
      kind: "tuple",
      parameters: [run, word("to", "One of the peers that it was submitted with")],
    },
  },
  docs: { brief: "Let another server that takes part coordinate it" },
});

const reschedule: Command<CliContext> = buildCommand<RescheduleFlags, [id: string], CliContext>({
  loader: async () => (await import("./commands/workflow-steer.ts")).rescheduleRun,
  parameters: {
    flags: {
      ...runFlags,
      from: text("node", "Run this node and all after it again; else what failed"),
    },
    positional: ofRun,
  },
  docs: { brief: "Submit a workflow again; what is done and did not change is taken over" },
});

/** `mcpp workflow`. */
export const workflow: RouteMap<CliContext> = buildRouteMap({
  routes: {
    ...{ submit, list, status, result, watch, dag, verify, cancel },
    ...{ signal, approve, pause, resume, reschedule, handoff, takeover },
  },
  docs: {
    brief: "Submit, follow and steer workflows of a running server",
    fullDescription:
      "Submit, follow and steer workflows: graphs of tool calls that survive a crash.\nThe running server of this configuration is asked; mcpp serve starts one.",
  },
});
