/** One request to run a tool, whatever transport it came by. @module */

import type { Caller } from "../registry/caller.ts";
import type { ClientCapabilities, InputResponses, LogLevel } from "../registry/context.ts";

/** What a client hears while its call runs. */
export interface CallEvents {
  progress?(done: number, total?: number, message?: string): void;
  log?(level: LogLevel, data: unknown, logger?: string): void;
}

/** One request to run a tool. */
export interface ToolCall {
  readonly tool: string;
  readonly category?: string;
  readonly input: unknown;
  readonly caller: Caller;
  /** Aborts when the caller is gone. A function, because making the signal costs more than most calls. */
  readonly signal?: () => AbortSignal;
  readonly client?: ClientCapabilities;
  readonly events?: CallEvents;
  readonly inputResponses?: InputResponses;
  readonly requestState?: string;
  /** For a tool that names no time of its own; left out, the server's. */
  readonly timeoutMs?: number;
  /** W3C `traceparent` of the caller's span. */
  readonly traceparent?: string;
}
