/**
 * Whether what was answered about one task can have happened in some order that respects time: each
 * operation at one moment between its invocation and its answer (Herlihy and Wing, 1990).
 *
 * The search is that of Wing and Gong with remembered dead ends (Lowe, 2017). The object is a
 * register that is written once:
 *
 * ```text
 * open ─► held under a token ─► over: done with a result, failed, dead, cancelled
 *   ▲             │
 *   └─────────────┘             leases end by themselves, too
 * ```
 *
 * @module
 */

/** What was done to a task, and what was answered; no `said` where no answer came. */
export interface Operation {
  readonly kind: "claim" | "complete" | "fail" | "give-back" | "cancel" | "read";
  /** Grows with each claim; `0` where the operation has none. */
  readonly token: number;
  readonly cid?: string;
  readonly invokedAt: number;
  /** Left out where no answer came: it may have happened at any moment since, or never. */
  readonly answeredAt?: number;
  /** The state that was answered, or `stale`. */
  readonly said?: string;
}

interface Register {
  /** The token under which it may be held; a lease may have ended unseen. */
  readonly held: number;
  /** The last token that was seen. */
  readonly top: number;
  /** How it ended. */
  readonly over?: { readonly state: string; readonly token: number; readonly cid: string };
}

const FINAL: ReadonlySet<string> = new Set(["done", "failed", "dead", "cancelled"]);
/** Histories of one task are short; one that takes longer is told apart from a wrong one. */
const MAX_STEPS = 200_000;

/** Whether there is such an order. */
export function isLinearizable(operations: readonly Operation[]): boolean {
  const seen = new Set<string>();
  let steps = 0;
  const search = (left: readonly Operation[], register: Register): boolean => {
    const answered = left.filter(({ answeredAt }) => answeredAt !== undefined);
    if (answered.length === 0) return true;
    const key = `${left.map((one) => operations.indexOf(one)).join()}|${JSON.stringify(register)}`;
    if (seen.has(key)) return false;
    seen.add(key);
    steps += 1;
    if (steps > MAX_STEPS) throw new Error(`no answer after ${MAX_STEPS} steps`);
    const deadline = Math.min(...answered.map(({ answeredAt = Infinity }) => answeredAt));
    return left
      .filter(({ invokedAt }) => invokedAt < deadline)
      .some((one) => {
        const rest = left.filter((other) => other !== one);
        return outcomes(register, one).some((after) => search(rest, after));
      });
  };
  return search(mergeUnanswered(operations), { held: 0, top: 0 });
}

/** Unanswered ones that say the same do the same once: the first of them stands for all. */
function mergeUnanswered(operations: readonly Operation[]): readonly Operation[] {
  const known = new Set<string>();
  return operations.filter(({ kind, token, cid, answeredAt }) => {
    if (answeredAt !== undefined) return true;
    const key = `${kind} ${token} ${cid}`;
    if (known.has(key)) return false;
    known.add(key);
    return true;
  });
}

/** What the register can be after an operation; nothing, where it cannot have happened now. */
function outcomes(register: Register, operation: Operation): readonly Register[] {
  const { held, top, over } = register;
  const { kind, token, said } = operation;
  switch (kind) {
    case "claim":
      return !over && token > top ? [{ held: token, top: token }] : [];
    case "read":
    case "cancel":
      return observed(register, operation);
    default:
      if (said === undefined) return unanswered(register, operation);
      if (said === "stale") return stale(register, operation);
      if (over) return isSame(over, operation) ? [register] : [];
      return held === token ? [settled(register, operation, said)] : [];
  }
}

/** A completion is repeated with the same result; other words about an attempt that ended all. */
function isSame(
  over: NonNullable<Register["over"]>,
  { kind, token, cid, said }: Operation,
): boolean {
  if (over.token !== token || over.state !== said) return false;
  return kind === "fail" || (kind === "complete" && over.cid === cid);
}

function settled({ top }: Register, { token, cid = "" }: Operation, said: string): Register {
  return FINAL.has(said)
    ? { held: 0, top, over: { state: said, token, cid: said === "done" ? cid : "" } }
    : { held: 0, top };
}

function stale(register: Register, { kind, token, cid }: Operation): readonly Register[] {
  const { held, top, over } = register;
  if (over) {
    const isKnown = over.token === token && kind === "complete" && over.cid === cid;
    return isKnown ? [] : [register];
  }
  // It was refused: if it seemed to be held, that lease had ended.
  return [held === token ? { held: 0, top } : register];
}

/** Nobody knows what became of it: nothing, or one of these. */
function unanswered(register: Register, operation: Operation): readonly Register[] {
  const { held, over } = register;
  if (over || held !== operation.token) return [];
  const states = {
    complete: ["done"],
    fail: ["open", "failed", "dead", "cancelled"],
    "give-back": ["open"],
    ...{ claim: [], read: [], cancel: [] },
  }[operation.kind];
  return states.map((state) => settled(register, operation, state));
}

/** Somebody saw the state, or asked for its end and was told what it is. */
function observed(register: Register, operation: Operation): readonly Register[] {
  const { over, top, held } = register;
  const { kind, said, token, cid = "" } = operation;
  const ended = { held: 0, top, over: { state: "cancelled", token: held || top, cid: "" } };
  if (said === undefined) return over ? [] : [ended];
  if (over) {
    const isDone = kind !== "read" || said !== "done" || (over.token === token && over.cid === cid);
    return over.state === said && isDone ? [register] : [];
  }
  if (!FINAL.has(said)) return [register];
  if (said === "cancelled") return [ended];
  // Leases that ran out too often end a task without anybody's word.
  return said === "dead" ? [{ ...ended, over: { ...ended.over, state: said } }] : [];
}
