/** A group of tools from one source, loaded on first use. @module */

import type { Tool } from "./definition.ts";
import type { Offer } from "./offer.ts";

/** Where a category comes from. */
export type CategorySource = "builtin" | "upstream" | "peer";

/** Whether tools of a category can run now, and if not, why and what to do. */
export type Availability =
  | { readonly available: true }
  | { readonly available: false; readonly reason: string };

/** A category as its source offers it. */
export interface Category {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly source: CategorySource;
  /** Names of its tools, known without loading them. */
  readonly toolNames: readonly string[];
  /** Older names of its tools, accepted in calls and never listed: old name to tool. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Where most of its tools run. */
  readonly runtime: "local" | "mesh";
  availability?(): Availability;
  load(): Promise<readonly Tool[]>;
  /** Resources, prompts and completions that come with it. */
  readonly offer?: Offer;
}
