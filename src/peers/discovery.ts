/** Asks every source at once; none can hold up or fail the others. @module */

import type { Clock } from "../concurrency/clock.ts";
import { withScope } from "../concurrency/scope.ts";
import { messageOf } from "../errors.ts";
import type { SourceReport } from "../registry/peers.ts";
import type { DiscoverySource, PeerSighting } from "./source.ts";
import { within } from "./within.ts";

/** What a round of discovery needs. */
export interface DiscoverOptions {
  readonly sources: readonly DiscoverySource[];
  /** Sightings that each source may bring. */
  readonly limit: number;
  /** Time for each source. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Takes what a source brought as soon as it did. */
  readonly take: (source: DiscoverySource, sightings: readonly PeerSighting[]) => Promise<void>;
}

/** Ask all sources; gives one report each, in their order. */
export async function discover(options: DiscoverOptions): Promise<readonly SourceReport[]> {
  const reports = new Map<DiscoverySource, SourceReport>();
  await withScope(async (scope) => {
    for (const source of options.sources) {
      scope.start(async (signal) => {
        reports.set(source, await ask(source, options, signal));
      });
    }
  }, options.signal);
  options.signal.throwIfAborted();
  return options.sources.flatMap((source) => reports.get(source) ?? []);
}

async function ask(
  source: DiscoverySource,
  options: DiscoverOptions,
  parent: AbortSignal,
): Promise<SourceReport> {
  const { clock, limit, timeoutMs, take } = options;
  const startedAt = clock.monotonic();
  const report = (found: number, error?: string): SourceReport => {
    const ms = Math.round(clock.monotonic() - startedAt);
    return { source: source.name, found, ms, ...(error !== undefined && { error }) };
  };
  const what = `The source "${source.name}" did not answer`;
  try {
    const found = await within({ clock, ms: timeoutMs, signal: parent, what }, (signal) =>
      source.find({ limit, signal }),
    );
    const sightings = found.slice(0, limit);
    await take(source, sightings);
    return report(sightings.length);
  } catch (error) {
    return report(0, messageOf(error));
  }
}
