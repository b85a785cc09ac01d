/**
 * Verifies what happened in a run, and in which order, from a file alone: nobody is asked, and no clock is
 * believed.
 *
 * What is proven is that the file is of one piece: whoever knows one of its heads to be an owner's, knows that
 * all behind it is what that owner has said, and said in this order. Heads are not signed.
 *
 * @module
 */

import type { MissingLog } from "../record/proof-root.ts";
import { RUN_KIND } from "../run-state.ts";
import { Blocks } from "./blocks.ts";
import { citesOf, HashClock } from "./clock.ts";
import { graphsOf } from "./graph.ts";
import { livesOf } from "./lives.ts";
import { logName, type OwnerLog, readLog } from "./logs.ts";
import { type Order, orderOf, type ProvenEdge } from "./order.ts";
import { RootSchema } from "./shapes.ts";

/** An owner's part of the log, verified. */
export interface VerifiedLog {
  readonly owner: string;
  readonly queue: string;
  /** CID of the last header. */
  readonly head: string;
  readonly commits: number;
  /** Those of the run, which are there. */
  readonly events: number;
}

/** What a file proves. */
export interface Verdict {
  readonly workflowId: string;
  /** CID of the workflow. */
  readonly definition: string;
  /** What is wrong, and with which block or event; where there is anything, nothing is proven. */
  readonly faults: readonly string[];
  readonly logs: readonly VerifiedLog[];
  readonly missing: readonly MissingLog[];
  readonly edges: readonly ProvenEdge[];
  readonly nodes: readonly string[];
  readonly blocks: number;
}

/** The verdict on a CAR file; throws `malformed_frame` where it is none. */
export function verifyProof(file: Uint8Array): Verdict {
  const blocks = new Blocks(file);
  const { root: cid, size } = blocks;
  const nothing = { logs: [], missing: [], edges: [], nodes: [], blocks: size };
  const root = blocks.get(cid, RootSchema, "the root of the file");
  if (!root) return { workflowId: "", definition: "", faults: blocks.faults, ...nothing };
  const { workflowId, missing } = root;
  const about = { workflowId, definition: root.definition.toString(), missing, blocks: size };
  for (const name of repeated(root.heads.map(logName))) {
    blocks.faults.push(`the root of the file names two logs ${name}`);
  }
  const logs = root.heads.map((proven) => readLog(blocks, proven));
  const [home, ...peers] = logs;
  const lives = home ? livesOf(home) : new Map();
  const graphs = graphsOf(blocks, root, lives);
  blocks.checkUnread();
  const faults = [...blocks.faults, ...citationFaults(logs, missing)];
  const verified = logs.map(({ owner, queue, head, commits, events }) => ({
    ...{ owner, queue, head, commits: commits.size, events: events.length },
  }));
  const isThere = lives.get(workflowId)?.begin.event.kind === RUN_KIND;
  if (!isThere && faults.length === 0) {
    faults.push(`the log of the run does not have its submission: ${workflowId}`);
  }
  // What is damaged says nothing of any order.
  if (!home || faults.length > 0) return { ...nothing, ...about, logs: verified, faults };
  const clock = new HashClock(logs);
  const order: Order = orderOf({ home, lives, peers, missing, clock, graphs });
  return { ...about, ...order, logs: verified };
}

function repeated(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.filter((name, at) => names.indexOf(name) !== at));
}

/** Each citation leads to a commit that is there, or whose log is known to be missing. */
function citationFaults(
  logs: readonly OwnerLog[],
  missing: readonly MissingLog[],
): readonly string[] {
  const byName = new Map(logs.map((log) => [log.name, log]));
  const isMissing = new Set(missing.map(logName));
  return logs.flatMap((log) =>
    log.events.flatMap((event) =>
      citesOf(event).flatMap((citation) => {
        const name = logName(citation);
        if (byName.get(name)?.commits.has(citation.commit) || isMissing.has(name)) return [];
        return [
          `the event ${event.number} of ${log.name} (${event.type} ${event.task}) cites a commit of ${name} that is not in that log: ${citation.commit}`,
        ];
      }),
    ),
  );
}
