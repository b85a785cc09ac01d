/** What the HTTP surface needs. @module */

import type { Authenticate } from "../auth/authenticate.ts";
import type { Clock } from "../concurrency/clock.ts";
import type { Config, View } from "../config/config.ts";
import type { Caller } from "../registry/caller.ts";
import type { Monitor } from "../registry/context.ts";
import type { Registry } from "../registry/registry.ts";
import type { CallResult } from "../registry/result.ts";
import type { ToolCall } from "../router/call.ts";
import type { EventFeed } from "../telemetry/event-feed.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Guard } from "./guard.ts";
import type { ReadPage } from "./join-page.ts";
import type { ConsentArrived } from "./oauth-callback.ts";
import type { PeerRecords } from "./peer-records.ts";

/** The parts that `app.ts` puts together. */
export interface HttpNeeds {
  readonly server: { readonly name: string; readonly version: string };
  /** Asked for every request, so that a reload takes effect at once. */
  readonly config: () => Pick<Config, "view" | "auth" | "listen">;
  readonly guard: Guard;
  readonly authenticate: Authenticate;
  readonly mcp: (request: Request, view: View, caller: Caller) => Response | Promise<Response>;
  readonly registry: Registry;
  /** Runs tools, the meta-tools among them. */
  readonly call: (call: ToolCall) => Promise<CallResult>;
  readonly metrics: Metrics;
  readonly monitor: Pick<Monitor, "health">;
  readonly feed: EventFeed;
  /** Takes the answers of people who were asked to allow the use of a mounted server. */
  readonly consentArrived?: ConsentArrived;
  /** The records of the mesh; nothing while there is none. */
  readonly peers?: () => PeerRecords | undefined;
  /** Files of the page at `/join`, on hosts that have them. */
  readonly readPage?: ReadPage | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly newId: () => string;
}
