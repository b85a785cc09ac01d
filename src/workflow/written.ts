/** From a workflow as it is written to what it says. @module */

import * as v from "valibot";
import { shown } from "../registry/pointer.ts";
import {
  type Body,
  LIMITS,
  type Way,
  type WorkflowDefinition,
  type WorkflowNode,
} from "./definition.ts";
import { fault, type Path } from "./faults.ts";
import { type WrittenNode, type WrittenWay, workflowSchema } from "./schema.ts";

const KINDS = ["tool", "map", "branch", "loop", "sub", "wait", "collect"] as const;

/** The workflow that is written; throws `invalid_input`, whose `path` points to the fault. */
export function parseWorkflow(written: unknown, path: Path = [], depth = 1): WorkflowDefinition {
  if (depth > LIMITS.depth) {
    throw fault(path, `is the ${depth}th workflow within another; ${LIMITS.depth} is the limit`);
  }
  const parsed = v.safeParse(workflowSchema, written);
  if (!parsed.success) throw faultOf(parsed.issues[0], path);
  const { name, nodes, output } = parsed.output;
  return {
    name,
    nodes: nodes.map((one, at) => nodeOf(one, [...path, "nodes", at], depth)),
    ...(output !== undefined && { output }),
  };
}

function faultOf(issue: v.BaseIssue<unknown>, path: Path): Error {
  const keys = (issue.path ?? []).map(({ key }) => key as string | number);
  const place = [...path, ...keys];
  if (issue.type === "regex") return fault(place, `${issue.message}, got ${shown(issue.input)}`);
  const isStranger = issue.type === "strict_object" && issue.expected === "never";
  if (isStranger) return fault(place, `is not known here`);
  return fault(place, `must be ${issue.expected ?? issue.message}, got ${shown(issue.input)}`);
}

function nodeOf(written: WrittenNode, path: Path, depth: number): WorkflowNode {
  const { after = [], join = "all_success", compensate } = written;
  const found = KINDS.filter((kind) => written[kind] !== undefined);
  const [kind, second] = found;
  if (!kind || second) {
    const has = found.length === 0 ? "nothing to do" : `${found.join(" and ")} at once`;
    throw fault(path, `has ${has}: give one of ${KINDS.join(", ")}`);
  }
  return {
    id: written.id,
    work: workOf(kind, written, path, depth),
    after,
    join,
    ...(compensate && { compensate }),
  };
}

function workOf(
  kind: (typeof KINDS)[number],
  written: WrittenNode,
  path: Path,
  depth: number,
): WorkflowNode["work"] {
  if (kind !== "tool") refuseCallParts(kind, written, path);
  switch (kind) {
    case "tool":
      return { kind, ...bodyOf({ ...written, tool: needed(written.tool) }) };
    case "map": {
      const { over, maxParallel, node: each } = needed(written.map);
      const parallel = maxParallel !== undefined && { maxParallel };
      return { kind, over, ...parallel, body: bodyOf(each) };
    }
    case "branch":
      return { kind, ways: waysOf(needed(written.branch), [...path, "branch"]) };
    case "loop": {
      const { node: each, until, max } = needed(written.loop);
      return { kind, until, max, body: bodyOf(each) };
    }
    case "sub": {
      const { workflow, input } = needed(written.sub);
      const within = [...path, "sub", "workflow"];
      return {
        kind,
        workflow:
          typeof workflow === "string" ? workflow : parseWorkflow(workflow, within, depth + 1),
        ...(input !== undefined && { input }),
      };
    }
    case "wait":
      return { kind, ...waitOf(needed(written.wait), [...path, "wait"]) };
    case "collect":
      return { kind, value: written.collect };
  }
}

/** Which kind it is has been looked up by just this. */
function needed<T>(value: T | undefined): T {
  return value as T;
}

function bodyOf({ tool, input, retry, timeoutMs, peer }: Body): Body {
  return {
    tool,
    ...(input && { input }),
    ...(retry && { retry }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(peer && { peer }),
  };
}

/** What belongs to the call within is not to be written beside it, where nothing would heed it. */
function refuseCallParts(kind: string, written: WrittenNode, path: Path): void {
  for (const key of ["input", "retry", "timeoutMs", "peer"] as const) {
    if (written[key] === undefined) continue;
    const place = kind === "map" || kind === "loop" ? `: write it in ${kind}.node` : "";
    throw fault([...path, key], `belongs to a tool, and this node is a ${kind}${place}`);
  }
}

function waysOf(written: readonly WrittenWay[], path: Path): readonly Way[] {
  const list = (to: string | readonly string[]): readonly string[] =>
    typeof to === "string" ? [to] : to;
  return written.map((way, at) => {
    if ("when" in way) return { when: way.when, to: list(way.then) };
    if (at === written.length - 1) return { to: list(way.else) };
    throw fault([...path, at], "is an else that is not the last way");
  });
}

function waitOf(written: NonNullable<WrittenNode["wait"]>, path: Path) {
  const { signal, approval, timeoutMs } = written;
  if (signal !== undefined && approval !== undefined) {
    throw fault(path, "waits for a signal and for an approval: give one of them");
  }
  if (signal === undefined && approval === undefined && timeoutMs === undefined) {
    throw fault(path, "waits for nothing: give signal, approval or timeoutMs");
  }
  return written;
}
