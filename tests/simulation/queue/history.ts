/** What was asked of the owner, when, and what it answered; and what the askers make of it. @module */

import type { Answer, Attempt, Party, Request, Settling } from "./messages.ts";

/** One request, and its answer if one arrived. */
export interface Invocation {
  readonly rid: number;
  readonly party: Party;
  readonly request: Request;
  readonly invokedAt: number;
  answeredAt?: number;
  answer?: Answer;
}

/** A worker takes an attempt to be settled. */
export interface Belief extends Attempt {
  readonly worker: Party;
  /** What it had said of it, if anything. */
  readonly said: Settling | undefined;
}

/** Remembers a run. */
export class History {
  readonly invocations: Invocation[] = [];
  readonly beliefs: Belief[] = [];
  /** Order of what happened: moments alone would not tell, because many are the same. */
  #clock = 0;

  /** Returns the number under which the answer will come. */
  invoked(party: Party, request: Request): number {
    this.#clock += 1;
    const rid = this.invocations.length;
    this.invocations.push({ rid, party, request, invokedAt: this.#clock });
    return rid;
  }

  /** The first answer counts; later ones are copies of it. */
  answered(rid: number, answer: Answer): void {
    const invocation = this.invocations[rid];
    if (!invocation || invocation.answer) return;
    this.#clock += 1;
    invocation.answer = answer;
    invocation.answeredAt = this.#clock;
  }

  requestOf(rid: number): Request | undefined {
    return this.invocations[rid]?.request;
  }

  believed(belief: Belief): void {
    this.beliefs.push(belief);
  }
}
