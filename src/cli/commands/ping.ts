/** `mcpp peers ping`: how long the way to a peer and back takes, told as ping(8) does. @module */

import {
  type ErrorReport,
  InputError,
  MeshError,
  reportOf,
  UnavailableError,
} from "../../errors.ts";
import type { CliContext } from "../context.ts";
import { type MeshAccess, withMesh } from "../mesh-access.ts";
import { shortPeer } from "../mesh-facts.ts";
import type { PingFlags } from "../mesh-routes.ts";
import { connect } from "./peers.ts";

/** One answer, or why there was none. */
type Reply = { readonly rttMs: number } | { readonly error: ErrorReport };

/** `mcpp peers ping <peer>`: fails where nothing came back. */
export function pingPeer(this: CliContext, flags: PingFlags, target: string): Promise<void> {
  const { output } = this;
  const count = readCount(flags.count);
  return withMesh(this, flags, async (mesh) => {
    const { peer } = await connect(mesh, target);
    const replies: Reply[] = [];
    while (replies.length < count) {
      const reply = await ask(mesh, peer);
      replies.push(reply);
      if (!flags.json) await output.result(formatReply(peer, replies.length, reply));
    }
    const times = replies.flatMap((reply) => ("rttMs" in reply ? [reply.rttMs] : []));
    const summary = summaryOf(times);
    if (flags.json) await output.json({ through: mesh.through, peer, replies, ...summary });
    else await output.result(`${count} sent, ${times.length} answered${formatSummary(summary)}`);
    if (times.length > 0) return;
    const message = `${peer} answered none of ${count} pings`;
    throw new UnavailableError("peer_unreachable", message, { data: { peer } });
  });
}

function readCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InputError("invalid_input", `--count takes a number from 1 on, and got "${text}"`);
}

/** A ping that gets lost is what this is to find out; whatever else goes wrong ends it. */
async function ask(mesh: MeshAccess, peer: string): Promise<Reply> {
  try {
    return { rttMs: await mesh.ping(peer) };
  } catch (error) {
    const isLost = error instanceof MeshError && error.retryable && error.code !== "cancelled";
    if (!isLost) throw error;
    return { error: reportOf(error) };
  }
}

function formatReply(peer: string, sequence: number, reply: Reply): string {
  const start = `${shortPeer(peer)} seq=${sequence}`;
  if ("rttMs" in reply) return `${start} time=${precise(reply.rttMs)} ms`;
  return `${start} no answer: ${reply.error.message}`;
}

interface Summary {
  readonly minMs?: number;
  readonly avgMs?: number;
  readonly maxMs?: number;
}

function summaryOf(times: readonly number[]): Summary {
  if (times.length === 0) return {};
  const avgMs = times.reduce((sum, time) => sum + time, 0) / times.length;
  return { minMs: Math.min(...times), avgMs, maxMs: Math.max(...times) };
}

function formatSummary({ minMs, avgMs, maxMs }: Summary): string {
  if (minMs === undefined || avgMs === undefined || maxMs === undefined) return "";
  return `, min/avg/max = ${[minMs, avgMs, maxMs].map(precise).join("/")} ms`;
}

const precise = (ms: number): string => ms.toFixed(ms < 10 ? 2 : 0);
