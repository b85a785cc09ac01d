/**
 * What a node does by itself to stay in the mesh: it dials until there are enough connections, looks
 * again with growing pauses while there are none, renews its record, and forgets who is long gone.
 *
 * @module
 */

import type { Clock } from "../concurrency/clock.ts";
import { backoffMs } from "../concurrency/retry.ts";
import { withScope } from "../concurrency/scope.ts";
import type { MeshNode } from "../mesh/mesh-node.ts";

/** The work, and when to do it. */
export interface UpkeepNeeds {
  readonly node: Pick<MeshNode, "onPeer">;
  readonly clock: Clock;
  readonly random: () => number;
  /** Whether there is any connection to the mesh. */
  readonly isConnected: () => boolean;
  /** Look for peers and dial them until there are enough. */
  readonly join: (signal: AbortSignal) => Promise<void>;
  /** Calls back when the next look is not to wait any longer; returns the function that stops it. */
  readonly onWake: (woken: () => void) => () => void;
  /** Whether this node's record is half over, or says something that is no longer so. */
  readonly isRecordDue: () => boolean;
  /** Renew the record and tell it. */
  readonly announce: (signal: AbortSignal) => Promise<void>;
  readonly sweep: () => void;
}

/** With connections, new peers come by gossip; this finds those of other islands. */
const LOOK_AGAIN_MS = 300_000;

/** Alone: at first almost at once, then seldom enough to disturb nobody. */
const ALONE = { initialMs: 1_000, maxMs: 60_000 } as const;

/** A relay or an observed address makes this node reachable elsewhere: the record follows soon. */
const LOOK_AT_RECORD_MS = 5_000;

const SWEEP_MS = 3_600_000;

/** Work until the signal fires. */
export async function keepUp(needs: UpkeepNeeds, signal: AbortSignal): Promise<void> {
  const { clock, announce, isRecordDue, sweep } = needs;
  await withScope(async (scope) => {
    scope.start((ours) => keepConnected(needs, ours));
    scope.start(async (ours) => {
      for (;;) {
        await clock.sleep(LOOK_AT_RECORD_MS, ours);
        if (isRecordDue()) await announce(ours);
      }
    });
    scope.start(async (ours) => {
      for (;;) {
        await clock.sleep(SWEEP_MS, ours);
        sweep();
      }
    });
  }, signal);
}

async function keepConnected(needs: UpkeepNeeds, signal: AbortSignal): Promise<void> {
  const { node, clock, random, isConnected, join, onWake } = needs;
  const changes = createBell(clock);
  const unlisten = node.onPeer(changes.ring);
  let isWoken = false;
  const unwake = onWake(() => {
    isWoken = true;
    changes.ring();
  });
  try {
    for (let alone = 0; ; ) {
      isWoken = false;
      await join(signal);
      alone = isConnected() ? 0 : alone + 1;
      const pauseMs = alone > 0 ? backoffMs(alone, { ...ALONE, random }) : LOOK_AGAIN_MS;
      const endsAt = clock.monotonic() + pauseMs;
      // Losing the last connection ends the pause; a peer that comes or goes beside others does not.
      const isStale = (): boolean => isWoken || isConnected() !== (alone === 0);
      while (clock.monotonic() < endsAt && !isStale()) {
        await changes.wait(endsAt - clock.monotonic(), signal);
      }
    }
  } finally {
    unwake();
    unlisten();
  }
}

/** Something to wait for, with an end. */
interface Bell {
  readonly ring: () => void;
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

function createBell(clock: Clock): Bell {
  let ring = (): void => {};
  return {
    ring: () => ring(),
    async wait(ms, signal) {
      const rung = new AbortController();
      ring = () => rung.abort();
      try {
        await clock.sleep(ms, AbortSignal.any([signal, rung.signal]));
      } catch (error) {
        if (!rung.signal.aborted || signal.aborted) throw error;
      }
    },
  };
}
