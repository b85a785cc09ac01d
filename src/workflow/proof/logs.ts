/** The owners' logs in a proof: each an unbroken chain of commits, and the events of some of them. @module */

import type { CID } from "multiformats/cid";
import type { LogHeader } from "../../queue/log-draft.ts";
import type { ProvenLog } from "../record/proof-root.ts";
import type { Blocks } from "./blocks.ts";
import { EventSchema, HeaderSchema, ListSchema, type ProvenEvent } from "./shapes.ts";

/** A commit. */
export interface Commit {
  readonly cid: string;
  readonly header: LogHeader;
}

/** An event, and whose it is. */
export interface LoggedHere {
  readonly log: OwnerLog;
  readonly event: ProvenEvent;
}

/** A part of an owner's log. */
export interface OwnerLog {
  /** `owner/queue`. */
  readonly name: string;
  readonly owner: string;
  readonly queue: string;
  readonly head: string;
  /** By CID, the first one first. */
  readonly commits: ReadonlyMap<string, Commit>;
  /** In the order of the log. */
  readonly events: readonly ProvenEvent[];
}

/** How a log is called where it is spoken of. */
export function logName({ owner, queue }: Pick<ProvenLog, "owner" | "queue">): string {
  return `${owner}/${queue}`;
}

/** The log whose head and tail a proof names; what is wrong with it becomes a fault of its blocks. */
export function readLog(blocks: Blocks, proven: ProvenLog<CID>): OwnerLog {
  const { owner, queue, head } = proven;
  const name = logName(proven);
  const commits = readChain(blocks, proven);
  const events = commits.flatMap((commit) => readEvents(blocks, name, commit));
  const byCid = new Map(commits.map((commit) => [commit.cid, commit]));
  return { name, owner, queue, head: head.toString(), commits: byCid, events };
}

/** From the head back to the tail. */
function readChain(blocks: Blocks, proven: ProvenLog<CID>): readonly Commit[] {
  const { queue, head, tail } = proven;
  const name = logName(proven);
  const commits: Commit[] = [];
  let what = `the head of ${name}, a header,`;
  for (let cid = head, after: Commit | undefined; ; ) {
    const header = blocks.get(cid, HeaderSchema, what);
    if (!header) break;
    const commit = { cid: cid.toString(), header };
    blocks.faults.push(...headerFaults(commit, after, queue).map((fault) => `${name}: ${fault}`));
    commits.unshift(commit);
    if (cid.equals(tail)) break;
    if (header.previous === null) {
      blocks.faults.push(`the chain of ${name} does not lead to its tail: ${tail}`);
      break;
    }
    what = `the header of ${name} before that of event ${header.first}`;
    [cid, after] = [header.previous, commit];
  }
  return commits;
}

function headerFaults(
  { cid, header }: Commit,
  after: Commit | undefined,
  queue: string,
): readonly string[] {
  const { first, last, epoch } = header;
  const rules: readonly (readonly [boolean, string])[] = [
    [header.queue === queue, `is of the queue "${header.queue}"`],
    [first <= last, `ends before it begins`],
    [
      !after || after.header.first === last + 1,
      `ends with event ${last}, and the next one begins with ${after?.header.first}`,
    ],
    [!after || after.header.epoch >= epoch, `is of a later epoch than the next one`],
  ];
  return rules.filter(([holds]) => !holds).map(([, what]) => `the commit ${cid} ${what}`);
}

/** Of a commit without any event that is wanted there is the header alone. */
function readEvents(blocks: Blocks, name: string, { cid, header }: Commit): readonly ProvenEvent[] {
  const { first, last } = header;
  if (!blocks.has(header.events)) return [];
  const list = blocks.get(
    header.events,
    ListSchema,
    `the list of events of ${name}'s commit ${cid}`,
  );
  if (!list) return [];
  if (list.length !== last - first + 1) {
    blocks.faults.push(
      `the commit ${cid} of ${name} has ${list.length} events, and not ${first} to ${last}`,
    );
  }
  return list.flatMap((link, at) => {
    if (!blocks.has(link)) return [];
    const number = first + at;
    const event = blocks.get(link, EventSchema, `the event ${number} of ${name}`);
    if (!event) return [];
    if (event.number === number) return [event];
    blocks.faults.push(
      `the event ${event.number} of ${name} stands in the place of event ${number}: ${link}`,
    );
    return [];
  });
}
