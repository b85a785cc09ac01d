/** What everything else in an app stands on: configuration, time, storage, telemetry. @module */

import type { AppHost, AppOptions } from "../app-types.ts";
import { type Clock, systemClock } from "../concurrency/clock.ts";
import type { LoadedConfig } from "../config/load.ts";
import { joinPath, STORE_FILE } from "../config/paths.ts";
import type { Config } from "../config/schema.ts";
import { createMemoryStore } from "../storage/memory-store.ts";
import type { Store } from "../storage/store.ts";
import { createEventFeed, type EventFeed } from "../telemetry/event-feed.ts";
import { createHealth, type Health } from "../telemetry/health.ts";
import { createDirectLines, createLineBuffer, type LineBuffer } from "../telemetry/line-buffer.ts";
import { createLogger, type Logger } from "../telemetry/logger.ts";
import { createMetrics, type Metrics } from "../telemetry/metrics.ts";

/** The ground floor of an app. */
export interface Foundation {
  readonly host: AppHost;
  readonly clock: Clock;
  readonly store: Store;
  readonly metrics: Metrics;
  readonly feed: EventFeed;
  readonly health: Health;
  readonly log: Logger;
  /** Where log and audit are written. */
  readonly lines: LineBuffer;
  /** The configuration of this moment: a reload replaces it. */
  readonly current: () => LoadedConfig;
  readonly config: () => Config;
  readonly replace: (loaded: LoadedConfig) => void;
}

const HEALTH_KEY = "health/probe";

/** Open the store and start counting. */
export async function openFoundation(options: AppOptions): Promise<Foundation> {
  const { host } = options;
  const clock = systemClock;
  let current: LoadedConfig = options;
  const config = (): Config => current.config;
  const store = host.openStore
    ? await host.openStore(joinPath(config().dataDir, STORE_FILE))
    : createMemoryStore();
  // To stderr: on stdout, stdio clients and pipes expect nothing but answers.
  const print = (text: string): Promise<void> => host.terminal.printError(text);
  const lines = host.terminal.isDirect ? createDirectLines(print) : createLineBuffer(print, clock);
  const log = createLogger({ threshold: () => config().log.level, write: lines.add, clock });
  const health = createHealth(clock);
  health.add("store", () => probe(store, clock));
  return {
    host,
    clock,
    store,
    metrics: metricsOf(host, clock),
    feed: createEventFeed(clock),
    health,
    log,
    lines,
    config,
    current: () => current,
    replace: (loaded) => {
      current = loaded;
    },
  };
}

/** Whether what is written can be read again. */
async function probe(store: Store, clock: Clock): Promise<string> {
  const startedAt = clock.monotonic();
  const value = new TextEncoder().encode(String(clock.now()));
  await store.write([{ key: HEALTH_KEY, value }]);
  const read = await store.get(HEALTH_KEY);
  if (read?.join() !== value.join()) throw new Error("the store gave back something else");
  return `written and read in ${Math.round(clock.monotonic() - startedAt)} ms`;
}

function metricsOf({ memory }: AppHost, clock: Clock): Metrics {
  const metrics = createMetrics();
  const startedAt = clock.monotonic();
  metrics.watch("mcpp_uptime_seconds", "Seconds since the start", () =>
    Math.round((clock.monotonic() - startedAt) / 1000),
  );
  if (memory) {
    metrics.watch("mcpp_memory_rss_bytes", "Resident memory", () => memory().rssBytes);
    metrics.watch("mcpp_memory_heap_bytes", "Used heap", () => memory().heapBytes);
  }
  return metrics;
}
