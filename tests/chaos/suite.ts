/** What a suite of chaos is given, and what it tells. @module */

/** How to run it. */
export interface SuiteOptions {
  readonly seconds: number;
  /** Of what is tried one by one. */
  readonly tries: number;
  readonly seed: number;
  /** Executions beyond one for each task that are allowed, in percent of the tasks. */
  readonly duplicates: number;
  /** Tell a person how far it is. */
  readonly say: (what: string) => void;
}

/** How it ended: without faults, well. */
export interface Outcome {
  readonly figures: Readonly<Record<string, number | string>>;
  readonly faults: readonly string[];
}
