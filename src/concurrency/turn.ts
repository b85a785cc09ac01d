/** The end of this turn of the event loop. @module */

interface Immediate {
  setImmediate?(run: () => void): unknown;
}

/** Pages have no `setImmediate`; a message to oneself is the shortest wait that is not a microtask. */
function overMessageChannel(): (run: () => void) => void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => due.shift()?.();
  return (run) => {
    due.push(run);
    port2.postMessage(undefined);
  };
}

const { setImmediate } = globalThis as Immediate;

/** What waits for the end of this turn, where a message tells of it. */
const due: (() => void)[] = [];

let viaMessage: ((run: () => void) => void) | undefined;

/**
 * Call `run` when everything that this turn of the event loop received has been handled.
 *
 * Microtasks are too early for that: many answers of one turn come in microtasks of their own.
 */
export const afterTurn: (run: () => void) => void = setImmediate
  ? (run) => void setImmediate(run)
  : (run) => {
      viaMessage ??= overMessageChannel();
      viaMessage(run);
    };

/** End the turn now: a page that is being left has no other. */
export function hurry(): void {
  for (let run = due.shift(); run; run = due.shift()) run();
}
