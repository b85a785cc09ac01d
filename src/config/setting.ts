/** One row of the table of settings. @module */

import type { GenericSchema } from "valibot";

/** One row of the table. */
export interface Setting<Value = unknown> {
  readonly schema: GenericSchema<unknown, Value>;
  /** Left out where the value depends on the machine or on other settings; see `load.ts`. */
  readonly default?: Value;
  /** What stands in the documentation where there is no `default`. */
  readonly defaultText?: string;
  readonly description: string;
  /** A flag of its own; `--set key=value` reaches every setting. */
  readonly flag?: string;
  /** A short environment variable beside the derived one. */
  readonly alias?: string;
  /** The value is a path, or several: `~` is expanded and relative ones are resolved. */
  readonly isPath?: true;
  /** Fields anywhere inside the value that are never shown; `*` is the value itself. */
  readonly secrets?: readonly string[];
  /** A running server does not follow a change. */
  readonly needsRestart?: true;
}
