/** The colours of a state, readable on white and on black. @module */

import type { NodeStateName } from "../../registry/workflows.ts";

/** Of a box: what fills it, its border and mark, its text. */
export interface Colours {
  readonly fill: string;
  readonly line: string;
  readonly text: string;
}

/** Text on any of the fills has a contrast of at least 7:1, the line one of 3:1. */
export const LIGHT: Readonly<Record<NodeStateName, Colours>> = {
  done: { fill: "#e6f6ec", line: "#1a7f42", text: "#10301d" },
  running: { fill: "#e1efff", line: "#1266d4", text: "#0b2545" },
  waiting: { fill: "#fff3cf", line: "#946200", text: "#3a2a00" },
  ready: { fill: "#f0eaff", line: "#7648d8", text: "#2a1657" },
  pending: { fill: "#f7f8fa", line: "#7d8794", text: "#2b323b" },
  failed: { fill: "#ffe9e7", line: "#c9252d", text: "#4a0d10" },
  skipped: { fill: "#f3f4f6", line: "#7d8794", text: "#3d4550" },
  cancelled: { fill: "#ededf0", line: "#666d79", text: "#2b323b" },
};

/** The same on a dark ground. */
export const DARK: Readonly<Record<NodeStateName, Colours>> = {
  done: { fill: "#11281b", line: "#3fb969", text: "#dcf7e6" },
  running: { fill: "#0f2846", line: "#5aa7ff", text: "#dcecff" },
  waiting: { fill: "#2f2508", line: "#dba32a", text: "#fff0c9" },
  ready: { fill: "#251a42", line: "#a98bf5", text: "#ebe3ff" },
  pending: { fill: "#171c23", line: "#77818d", text: "#d5dbe3" },
  failed: { fill: "#3b1416", line: "#fb5a55", text: "#ffdedc" },
  skipped: { fill: "#14181e", line: "#77818d", text: "#b9c1cb" },
  cancelled: { fill: "#1d2128", line: "#8b94a0", text: "#d5dbe3" },
};

/** Of the critical path. */
export const CRITICAL = { light: "#c2470a", dark: "#ff9d5c" } as const;
