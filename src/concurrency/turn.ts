/** The end of this turn of the event loop. @module */

interface Immediate {
  setImmediate?(run: () => void): unknown;
}

/** Pages have no `setImmediate`; a message to oneself is the shortest wait that is not a microtask. */
function overMessageChannel(): (run: () => void) => void {
  const { port1, port2 } = new MessageChannel();
  const due: (() => void)[] = [];
  port1.onmessage = () => due.shift()?.();
  return (run) => {
    due.push(run);
    port2.postMessage(undefined);
  };
}

const { setImmediate } = globalThis as Immediate;

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
