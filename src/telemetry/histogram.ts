/** Observations in buckets that grow by a constant factor, with estimated quantiles. @module */

/** Observed values, e.g. durations in ms. */
export interface Histogram {
  observe(value: number): void;
  /** An estimate, exact to the width of a bucket; 0 while nothing was observed. */
  quantile(q: number): number;
}

/** What a histogram saw. */
export interface HistogramReading {
  /** Sum of all observations. */
  readonly value: number;
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Cumulative counts; the bucket without upper bound is `count`. */
  readonly buckets: readonly { readonly le: number; readonly count: number }[];
}

/** A histogram that can be read. */
export interface HistogramSeries extends Histogram {
  read(): HistogramReading;
}

const FIRST_BOUND = 1 / 64;

/** 1/64 ms to 131 s in factors of two: from a cached call to one that ran into its deadline. */
const BOUNDS: Float64Array = Float64Array.from({ length: 24 }, (_, at) => FIRST_BOUND * 2 ** at);

/** Index of the first bound that is not below `value`; `BOUNDS.length` where there is none. */
function bucketOf(value: number): number {
  let low = 0;
  let high = BOUNDS.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((BOUNDS[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

class ExponentialHistogram implements HistogramSeries {
  readonly #counts = new Float64Array(BOUNDS.length + 1);
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  observe(value: number): void {
    const bucket = bucketOf(value);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count += 1;
    this.#sum += value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  quantile(q: number): number {
    if (this.#count === 0) return 0;
    const rank = q * this.#count;
    let below = 0;
    let bucket = 0;
    for (; bucket < BOUNDS.length; bucket += 1) {
      const inside = this.#counts[bucket] ?? 0;
      if (inside > 0 && below + inside >= rank) break;
      below += inside;
    }
    // Between the bucket's bounds linearly, as far as anything was observed there.
    const from = Math.max(this.#min, BOUNDS[bucket - 1] ?? 0);
    const to = Math.min(this.#max, BOUNDS[bucket] ?? this.#max);
    return from + (to - from) * ((rank - below) / (this.#counts[bucket] ?? 1));
  }

  read(): HistogramReading {
    let count = 0;
    const buckets = Array.from(BOUNDS, (le, at) => {
      count += this.#counts[at] ?? 0;
      return { le, count };
    });
    return {
      value: this.#sum,
      count: this.#count,
      p50: this.quantile(0.5),
      p95: this.quantile(0.95),
      p99: this.quantile(0.99),
      buckets,
    };
  }
}

/** An empty histogram. */
export function createHistogram(): HistogramSeries {
  return new ExponentialHistogram();
}
