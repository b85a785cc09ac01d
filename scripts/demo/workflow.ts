/** The workflow of the demonstration, and what must come of it. @module */

import { deepStrictEqual } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { abilityOf, DATA, type Place } from "./workers.ts";

/** A workflow as it is submitted, and where each of its steps belongs. */
export interface DemoWorkflow {
  readonly workflow: object;
  readonly places: ReadonlyMap<string, Place>;
}

/** Cities with so many people are large. */
const LARGE = 9_000_000;

const FILE = "cities.csv";

const ROWS = "$cities_on_node.result.rows";

const METRICS = [
  { op: "count", as: "cities" },
  { op: "sum", column: "population", as: "people" },
];

interface Step {
  readonly id: string;
  readonly place: Place;
  readonly tool: string;
  readonly input: object;
}

const STEPS: readonly Step[] = [
  {
    ...{ id: "cities_on_node", place: "node", tool: "dataset_filter" },
    input: { source: { path: FILE }, where: { column: "population", op: "ge", value: LARGE } },
  },
  {
    ...{ id: "sums_on_bun", place: "bun", tool: "dataset_aggregate" },
    input: { source: { rows: ROWS }, metrics: METRICS },
  },
  {
    ...{ id: "columns_on_deno", place: "deno", tool: "dataset_describe" },
    input: { source: { rows: ROWS } },
  },
  {
    ...{ id: "chart_in_page", place: "page", tool: "draw_chart" },
    input: { rows: ROWS, label: "city", value: "population" },
  },
];

/** Node reads the large cities; Bun, Deno and the page do something with them at once. */
export function workflowOn(places: readonly Place[]): DemoWorkflow {
  const steps = STEPS.filter(({ place }) => places.includes(place));
  const nodes = steps.map(({ place, ...node }) => ({
    ...node,
    peer: { requires: [abilityOf(place)] },
  }));
  const report = {
    sums: "$sums_on_bun.result.rows[0]",
    columns: "$columns_on_deno.result.columns",
    ...(places.includes("page") && { chart: "$chart_in_page.result" }),
  };
  return {
    workflow: {
      name: "large cities",
      nodes: [...nodes, { id: "report", collect: report }],
      output: "$report.result",
    },
    places: new Map(steps.map(({ id, place }) => [id, place])),
  };
}

/** What the workflow brought. */
export interface Report {
  readonly sums: { readonly cities: number; readonly people: number };
  readonly columns: readonly {
    readonly name: string;
    readonly min?: unknown;
    readonly max?: unknown;
  }[];
  readonly chart?: { readonly png: string; readonly width: number; readonly height: number };
}

/** Throws where the report is not what the file says, read without any of the tools. */
export async function checkReport({ sums, columns }: Report): Promise<void> {
  const [, ...lines] = (await readFile(`${DATA}/${FILE}`, "utf8")).trim().split("\n");
  const people = lines.map((one) => Number(one.split(",")[2])).filter((count) => count >= LARGE);
  const total = people.reduce((sum, count) => sum + count, 0);
  deepStrictEqual(sums, { cities: people.length, people: total });
  const column = columns.find(({ name }) => name === "population");
  const range = [Math.min(...people), Math.max(...people)];
  deepStrictEqual([column?.min, column?.max], range);
}
