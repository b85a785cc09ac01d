/** Metrics as Prometheus reads them: the text exposition format 0.0.4. @module */

import type { MetricSnapshot } from "../registry/context.ts";

/** The media type of what {@link formatPrometheus} writes. */
export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** One text for all series; those of one metric stand together below its help and type. */
export function formatPrometheus(snapshots: readonly MetricSnapshot[]): string {
  const families = Map.groupBy(snapshots, ({ name }) => name);
  return [...families].map(([name, series]) => family(name, series)).join("");
}

function family(name: string, series: readonly MetricSnapshot[]): string {
  const [first] = series;
  if (!first) return "";
  const head = `# HELP ${name} ${escapeHelp(first.help)}\n# TYPE ${name} ${first.type}\n`;
  return head + series.map(first.type === "histogram" ? histogram : scalar).join("");
}

function scalar({ name, labels, value }: MetricSnapshot): string {
  return `${name}${labelled(labels)} ${number(value)}\n`;
}

function histogram({ name, labels, value, count = 0, buckets = [] }: MetricSnapshot): string {
  const bounded = buckets.map(
    ({ le, count }) => `${name}_bucket${labelled(labels, number(le))} ${number(count)}\n`,
  );
  return [
    ...bounded,
    `${name}_bucket${labelled(labels, "+Inf")} ${number(count)}\n`,
    `${name}_sum${labelled(labels)} ${number(value)}\n`,
    `${name}_count${labelled(labels)} ${number(count)}\n`,
  ].join("");
}

function labelled(labels: MetricSnapshot["labels"], le?: string): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  if (le !== undefined) pairs.push(`le="${le}"`);
  return pairs.length > 0 ? `{${pairs.join(",")}}` : "";
}

function number(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
