/** The golden search set: recorded tools of real MCP servers, and what people ask for. @module */

import heldOut from "./held-out.json" with { type: "json" };
import queries from "./queries.json" with { type: "json" };
import tools from "./tools.json" with { type: "json" };

/** A tool as a real server listed it. */
export interface GoldenTool {
  readonly server: string;
  readonly package: string;
  readonly version: string;
  readonly name: string;
  readonly title?: string;
  readonly description: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

/** A wish in someone's own words, and the tools (`server/name`) that would fulfil it. */
export interface GoldenQuery {
  readonly query: string;
  readonly tools: readonly string[];
}

export const goldenTools: readonly GoldenTool[] = tools as readonly GoldenTool[];
/** What the search may be tuned with. */
export const goldenQueries: readonly GoldenQuery[] = queries;
/** Written before the search was seen, and never tuned with: the honest figure. */
export const heldOutQueries: readonly GoldenQuery[] = heldOut;
