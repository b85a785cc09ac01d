/** The workflow category until its tools are there. @module */

import { type Category, createPlannedCategory } from "../src/tool.ts";

const REASON = "this version has no workflows yet; every other tool works without them";

const named = (prefix: string, names: string): readonly string[] =>
  names.split(" ").map((name) => `${prefix}_${name}`);

/** Listed as unavailable; calls of their tools say why. */
export const plannedCategories: readonly Category[] = [
  createPlannedCategory({
    name: "p2p_workflow",
    title: "Workflows",
    description: "Graphs of tool calls that survive crashes",
    reason: REASON,
    toolNames: named(
      "p2p_workflow",
      "submit status cancel list get_dag coordinate get_result reschedule",
    ),
  }),
];
