/** What the logs of peers say of the calls that they worked for a run. @module */

import { decode } from "@ipld/dag-cbor";
import type { Clock } from "../../concurrency/clock.ts";
import { withDeadline } from "../../concurrency/deadline.ts";
import { DeadlineError, IntegrityError, MeshError, messageOf, ToolError } from "../../errors.ts";
import { cidOf } from "../../ipld/block.ts";
import { givenKey, MAX_PROVEN, type PeerQueue } from "../../queue/peer-queue.ts";
import { isFinal, type Task } from "../../queue/task.ts";
import type { MissingLog } from "./proof-root.ts";

/** How peers are asked. */
export interface PeerLogsNeeds {
  readonly clock: Clock;
  /** Who owns the queues of this server. */
  readonly owner: () => string;
  /** The queue of this name at a peer. */
  readonly peerQueue: (peer: string, queue: string) => PeerQueue;
  /** The id of a peer by its id, name or address; connects where need be. */
  readonly idOf: (peer: string) => Promise<string>;
}

/** A part of a peer's log. */
export interface PeerLog {
  readonly owner: string;
  readonly head: string;
  readonly tail: string;
  readonly blocks: readonly Uint8Array[];
}

/** What there is, and what there is not. */
export interface PeerLogs {
  readonly logs: readonly PeerLog[];
  readonly missing: readonly MissingLog[];
}

/** A proof has at most so many bytes: in base64, and twice in a tool's answer, it fits into a peer's frame. */
export const MAX_PROOF_BYTES: number = 5 * 1024 * 1024;
/** A peer that answers nothing for so long is away. */
const PATIENCE_MS = 10_000;

/** Ask every peer that has calls of these; `ownerOf` is who a call's end says that it was worked by. */
export async function peerLogs(
  needs: PeerLogsNeeds,
  calls: readonly Task[],
  ownerOf: (call: Task) => string | undefined,
  signal: AbortSignal,
): Promise<PeerLogs> {
  const byPeer = Map.groupBy(calls, ({ peer = "" }) => peer);
  const found = await Promise.all(
    [...byPeer].map(async ([peer, own]) => {
      const [first] = own.flatMap((call) => ownerOf(call) ?? []);
      const [owner, why] = await told(needs, () => needs.idOf(peer), signal);
      return { calls: own, owner: owner ?? first ?? peer, why };
    }),
  );
  // One peer may have been named in several ways.
  const byOwner = Map.groupBy(found, ({ owner }) => owner);
  const asked = await Promise.all(
    [...byOwner].map(([owner, parts]) => {
      const why = parts.find((part) => part.why !== undefined)?.why;
      const own = parts.flatMap((part) => part.calls);
      const queue = own[0]?.spec.queue ?? "";
      if (why !== undefined) return { missing: [{ owner, queue, why }] };
      return logOf(needs, { owner, queue, calls: own }, signal);
    }),
  );
  return {
    logs: asked.flatMap((one) => ("log" in one && one.log ? [one.log] : [])),
    missing: asked.flatMap(({ missing }) => missing),
  };
}

interface Asked {
  readonly log?: PeerLog | undefined;
  readonly missing: readonly MissingLog[];
}

async function logOf(
  needs: PeerLogsNeeds,
  about: { readonly owner: string; readonly queue: string; readonly calls: readonly Task[] },
  signal: AbortSignal,
): Promise<Asked> {
  const { owner, queue, calls } = about;
  if (calls.length > MAX_PROVEN) throw tooMany(owner, calls.length);
  const keyOf = ({ spec }: Task): string => givenKey(needs.owner(), queue, spec.id);
  const remote = needs.peerQueue(owner, queue);
  const [pages, why] = await told(
    needs,
    (limit) => pagesOf(remote, calls.map(keyOf), limit),
    signal,
  );
  if (!pages) return { missing: [{ owner, queue, why: why ?? "" }] };
  // What never got there, or was refused there, is not missing.
  const worked = calls.filter((call) => isFinal(call) && call.attempts > 0).map(keyOf);
  const forgotten = worked.filter((key) => pages.unknown.has(key)).length;
  const missing =
    forgotten > 0 ? [{ owner, queue, why: `it knows ${forgotten} of the calls no longer` }] : [];
  const { head, tail, blocks } = pages;
  const isThere = head !== undefined && tail !== undefined;
  return { log: isThere ? { owner, head, tail, blocks } : undefined, missing };
}

async function pagesOf(remote: PeerQueue, keys: readonly string[], signal: AbortSignal) {
  const blocks: Uint8Array[] = [];
  let bytes = 0;
  let [head, tail]: (string | undefined)[] = [];
  for (let from = 0; ; ) {
    const page = await remote.log(keys, from, signal);
    blocks.push(...page.blocks);
    bytes += page.blocks.reduce((sum, { length }) => sum + length, 0);
    if (bytes > MAX_PROOF_BYTES) throw tooLarge();
    head = page.head ?? head;
    tail ??= page.tail;
    if (page.next === undefined) {
      checkBlocks(blocks, [head, tail]);
      return { blocks, head, tail, unknown: new Set(page.unknown) };
    }
    if (page.next <= from) {
      throw new IntegrityError("malformed_frame", "its pages do not go on");
    }
    from = page.next;
  }
}

/** Whether there is a log in what was sent; what it says is for who verifies it to judge. */
function checkBlocks(blocks: readonly Uint8Array[], ends: readonly (string | undefined)[]): void {
  const known = new Set<string | undefined>([undefined]);
  for (const bytes of blocks) {
    try {
      decode(bytes);
    } catch (cause) {
      const message = `a block that it sent is no dag-cbor: ${messageOf(cause)}`;
      throw new IntegrityError("malformed_frame", message, { cause });
    }
    known.add(cidOf(bytes).toString());
  }
  if (ends.every((end) => known.has(end))) return;
  throw new IntegrityError("malformed_frame", "it sent less than it says that it sent");
}

/** What a peer answers, or why it does not. */
async function told<T>(
  { clock }: Pick<PeerLogsNeeds, "clock">,
  ask: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<readonly [T, undefined] | readonly [undefined, string]> {
  const late = new AbortController();
  const expired = (): DeadlineError => {
    const error = new DeadlineError("deadline_exceeded", `nothing for ${PATIENCE_MS} ms`);
    late.abort(error);
    return error;
  };
  try {
    const work = ask(AbortSignal.any([signal, late.signal]));
    return [await withDeadline(work, { clock, ms: PATIENCE_MS, expired }), undefined];
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof MeshError) || error.code === "too_large") throw error;
    // The code alone: messages may name addresses, and the file is for others, too.
    return [undefined, `it does not answer: ${error.code}`];
  }
}

/** The proof of a run has no room for it. */
export function tooLarge(): ToolError {
  const message = `The proof of this run has more than ${MAX_PROOF_BYTES} bytes: it is made of smaller runs only`;
  return new ToolError("too_large", message, { data: { maxBytes: MAX_PROOF_BYTES } });
}

function tooMany(owner: string, calls: number): ToolError {
  const message = `The run has ${calls} calls at ${owner}: a proof is made of up to ${MAX_PROVEN}`;
  return new ToolError("too_large", message, { data: { owner, calls, max: MAX_PROVEN } });
}
