/**
 * Counters, gauges and histograms: cheap to write on every call, read as one snapshot.
 *
 * A series is an object that its user keeps, so that the hot path is `calls.add(1)` or
 * `latency.observe(ms)`: no lookup, no allocation.
 *
 * @module
 */

import { InputError } from "../errors.ts";
import type { MetricSnapshot } from "../registry/context.ts";
import { createHistogram, type Histogram, type HistogramSeries } from "./histogram.ts";

export type { Histogram } from "./histogram.ts";

/** A number that only grows. */
export interface Counter {
  readonly value: number;
  add(amount: number): void;
}

/** A number that comes and goes. */
export interface Gauge {
  set(value: number): void;
  add(amount: number): void;
}

/** A metric: one series per combination of label values, in the order of its label names. */
export interface Family<Series> {
  /** The series of these label values, made on first use; keep it where it is used often. */
  with(...labelValues: readonly string[]): Series;
}

/** All metrics of a server. Asking again for a name gives the same metric. */
export interface Metrics {
  counter(name: string, help: string, labelNames?: readonly string[]): Family<Counter>;
  gauge(name: string, help: string, labelNames?: readonly string[]): Family<Gauge>;
  histogram(name: string, help: string, labelNames?: readonly string[]): Family<Histogram>;
  /** A gauge without labels whose value is asked for when a snapshot is taken. */
  watch(name: string, help: string, read: () => number): void;
  /** Every series of the metrics whose name starts with `prefix`, by name, then in order of birth. */
  snapshot(prefix?: string): readonly MetricSnapshot[];
}

/** Label values past this number share one series, so that a client cannot fill the memory. */
export const MAX_SERIES = 1000;

/** The value of every label of the series that takes what is over {@link MAX_SERIES}. */
export const OVERFLOW_LABEL = "(other)";

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
/** Prometheus keeps names that start with two underscores, and `le` and `quantile`, to itself. */
const LABEL_NAME = /^(?!__|le$|quantile$)[a-zA-Z_][a-zA-Z0-9_]*$/;

/** What a series adds to the snapshot of its family. */
type Reading = Omit<MetricSnapshot, "name" | "type" | "help" | "labels">;

interface Metric {
  readonly type: MetricSnapshot["type"];
  readonly labelNames: readonly string[];
  read(): MetricSnapshot[];
}

/** A counter or gauge with its value. */
class Scalar implements Counter, Gauge {
  value = 0;

  set(value: number): void {
    this.value = value;
  }

  add(amount: number): void {
    this.value += amount;
  }

  read(): Reading {
    return { value: this.value };
  }
}

class MetricFamily<Series extends { read(): Reading }> implements Family<Series>, Metric {
  readonly name: string;
  readonly type: MetricSnapshot["type"];
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly #create: () => Series;
  readonly #series = new Map<string, { readonly labels: readonly string[]; series: Series }>();

  constructor(
    identity: Pick<MetricSnapshot, "name" | "type" | "help">,
    labelNames: readonly string[],
    create: () => Series,
  ) {
    this.name = identity.name;
    this.type = identity.type;
    this.help = identity.help;
    this.labelNames = labelNames;
    this.#create = create;
  }

  with(...labelValues: readonly string[]): Series {
    if (labelValues.length !== this.labelNames.length) {
      throw new InputError(
        "invalid_input",
        `Metric "${this.name}" has ${this.labelNames.length} labels (${this.labelNames.join(", ")}), got ${labelValues.length} values`,
      );
    }
    const key = labelValues.length === 1 ? String(labelValues[0]) : JSON.stringify(labelValues);
    const known = this.#series.get(key);
    if (known) return known.series;
    if (this.#series.size >= MAX_SERIES && labelValues.some((value) => value !== OVERFLOW_LABEL)) {
      return this.with(...labelValues.map(() => OVERFLOW_LABEL));
    }
    const series = this.#create();
    this.#series.set(key, { labels: labelValues, series });
    return series;
  }

  read(): MetricSnapshot[] {
    const { name, type, help } = this;
    return [...this.#series.values()].map(({ labels, series }) => ({
      name,
      type,
      help,
      labels: Object.fromEntries(this.labelNames.map((label, at) => [label, labels[at] ?? ""])),
      ...series.read(),
    }));
  }
}

/** An empty set of metrics. */
export function createMetrics(): Metrics {
  const metrics = new Map<string, Metric>();

  /** The metric of this name, which must be of the same kind wherever it is asked for. */
  const ensure = <M extends Metric>(
    name: string,
    type: M["type"],
    labelNames: readonly string[],
    create: () => M,
  ): M => {
    const known = metrics.get(name);
    if (!known) {
      refuseBadNames(name, labelNames);
      const metric = create();
      metrics.set(name, metric);
      return metric;
    }
    if (known.type !== type || known.labelNames.join() !== labelNames.join()) {
      throw new InputError(
        "invalid_input",
        `Metric "${name}" is a ${known.type} with the labels [${known.labelNames.join(", ")}] already; give this ${type} another name`,
      );
    }
    // A name with the same type and labels was made by the same `create`.
    return known as M;
  };

  const scalar =
    (type: "counter" | "gauge") =>
    (name: string, help: string, labelNames: readonly string[] = []): Family<Scalar> =>
      ensure(
        name,
        type,
        labelNames,
        () => new MetricFamily({ name, type, help }, labelNames, () => new Scalar()),
      );

  return {
    counter: scalar("counter"),
    gauge: scalar("gauge"),
    histogram: (name, help, labelNames = []) =>
      ensure(
        name,
        "histogram",
        labelNames,
        () =>
          new MetricFamily<HistogramSeries>(
            { name, type: "histogram", help },
            labelNames,
            createHistogram,
          ),
      ),
    watch(name, help, read) {
      refuseBadNames(name, []);
      metrics.set(name, {
        type: "gauge",
        labelNames: [],
        read: () => [{ name, type: "gauge", help, labels: {}, value: read() }],
      });
    },
    snapshot: (prefix = "") =>
      [...metrics]
        .filter(([name]) => name.startsWith(prefix))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([, metric]) => metric.read()),
  };
}

function refuseBadNames(name: string, labelNames: readonly string[]): void {
  const wrong = METRIC_NAME.test(name) ? labelNames.find((label) => !LABEL_NAME.test(label)) : name;
  if (wrong === undefined) return;
  throw new InputError(
    "invalid_input",
    `"${wrong}" cannot name a metric or label: use letters, digits and underscores, no digit first`,
  );
}
