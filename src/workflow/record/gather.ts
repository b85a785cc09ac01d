/** Gathers what proves the order of a run's events: blocks of this owner's log, and of those of its peers. @module */

import { decode } from "@ipld/dag-cbor";
import { addressBytes, blockOf, cidOf } from "../../ipld/block.ts";
import { Link } from "../../ipld/encode.ts";
import type { LoggedEvent } from "../../queue/log-draft.ts";
import { commitsOf, type LogPage, logPage, spanOf } from "../../queue/log-page.ts";
import type { Queue } from "../../queue/queue.ts";
import type { QueueStore } from "../../queue/queue-store.ts";
import type { Task } from "../../queue/task.ts";
import { CALL_KIND } from "../tasks.ts";
import { writeCar } from "./car.ts";
import { MAX_PROOF_BYTES, type PeerLogsNeeds, peerLogs, tooLarge } from "./peer-logs.ts";
import type { ProofRoot } from "./proof-root.ts";

/** What is gathered from. */
export interface GatherNeeds extends PeerLogsNeeds {
  readonly store: Pick<QueueStore, "log" | "digest">;
}

/** A run, and what it is made of. */
export interface ProvenRun {
  readonly queue: Queue;
  readonly run: Task;
  readonly tasks: readonly Task[];
  /** Blocks of the workflow, its own first, and of those within that are named by their CIDs. */
  readonly definitions: readonly Uint8Array[];
}

/** The CAR file; a peer that is away is named in its root. Throws `too_large`. */
export async function gatherProof(
  needs: GatherNeeds,
  { queue, run, tasks, definitions }: ProvenRun,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { name } = queue;
  const numbers = new Set(tasks.flatMap(({ events }) => events));
  const range = { ...spanOf(numbers), queue: name };
  const own = await logPage(needs.store, range, numbers, MAX_PROOF_BYTES);
  if (own.next !== undefined) throw tooLarge();
  const calls = tasks.filter(({ spec, peer }) => spec.kind === CALL_KIND && peer !== undefined);
  const workedBy = workersOf(own.blocks);
  const ownerOf = ({ spec }: Task): string | undefined => workedBy.get(spec.id);
  const { logs, missing } = await peerLogs(needs, calls, ownerOf, signal);
  const owner = needs.owner();
  const cited = logs.flatMap(({ blocks }) => citedOf(blocks, { owner, queue: name }));
  const whole = await reaching(needs.store, queue, own, range.to, cited);
  const heads = [{ ...whole, owner }, ...logs].map((log) => ({
    ...{ owner: log.owner, queue: name, head: linkOf(log.head), tail: linkOf(log.tail) },
  }));
  const [definition = new Uint8Array()] = definitions;
  const root = blockOf({
    ...{ workflowId: run.spec.id, definition: new Link(cidOf(definition).bytes), heads, missing },
  } satisfies ProofRoot<Link>);
  const blocks = [
    root.bytes,
    ...definitions,
    ...whole.blocks,
    ...logs.flatMap((log) => log.blocks),
  ];
  const size = blocks.reduce((sum, { length }) => sum + length, 0);
  if (size > MAX_PROOF_BYTES) throw tooLarge();
  return writeCar(root.cid, blocks);
}

/** Of a log that has a commit, which every one of a run has. */
const linkOf = (cid = ""): Link => new Link(addressBytes(cid));

/** Commits that are looked at behind the last one of a run, for those that calls still under way cite. */
const MAX_BEHIND = 10_000;

/** The part of the log, and as much more of its chain as leads to what peers cite of it. */
async function reaching(
  store: GatherNeeds["store"],
  queue: Queue,
  page: LogPage,
  last: number,
  cited: readonly string[],
): Promise<LogPage> {
  const known = new Set(page.blocks.map((block) => cidOf(block).toString()));
  const wanted = new Set(cited.filter((cid) => !known.has(cid)));
  if (wanted.size === 0) return page;
  const blocks = [...page.blocks];
  let { head } = page;
  const behind: Uint8Array[] = [];
  const range = { queue: queue.name, from: last + 1, to: queue.meta.nextEvent - 1 };
  for await (const commit of commitsOf(store, range)) {
    // The last commit of the page may have events behind the run's last.
    if (commit.cid === head) continue;
    behind.push(commit.header);
    if (behind.length > MAX_BEHIND) break;
    if (!wanted.delete(commit.cid)) continue;
    blocks.push(...behind.splice(0));
    head = commit.cid;
    if (wanted.size === 0) break;
  }
  return { ...page, blocks, ...(head !== undefined && { head }) };
}

/** Who the ends of calls say that they were worked by. */
function workersOf(blocks: readonly Uint8Array[]): ReadonlyMap<string, string> {
  const workers = eventsIn(blocks).flatMap(({ task, elsewhere }): [string, string][] => {
    const [citation] = elsewhere?.cites ?? [];
    return citation ? [[task, citation.owner]] : [];
  });
  return new Map(workers);
}

function citedOf(
  blocks: readonly Uint8Array[],
  of: { readonly owner: string; readonly queue: string },
): readonly string[] {
  const cites = eventsIn(blocks).flatMap((event) => event.cites ?? []);
  return cites
    .filter(({ owner, queue }) => owner === of.owner && queue === of.queue)
    .map(({ commit }) => String(commit));
}

interface Cites {
  readonly cites?: readonly {
    readonly owner: string;
    readonly queue: string;
    readonly commit: unknown;
  }[];
}

type CitingEvent = LoggedEvent & Cites & { readonly elsewhere?: Cites };

/** Events among the blocks of a log; what peers send may be anything, and is checked by who verifies it. */
function eventsIn(blocks: readonly Uint8Array[]): readonly CitingEvent[] {
  return blocks
    .map((bytes) => decode<Partial<CitingEvent> | null>(bytes))
    .filter((block): block is CitingEvent => typeof block?.task === "string");
}
