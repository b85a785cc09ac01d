/**
 * Data channels that keep their first messages until somebody listens.
 *
 * js-libp2p listens to the channel of the WebRTC-direct handshake some microtasks after it opened.
 * Deno 2.9 delivers the peer's first message before those have run, so one dial in eight waited in
 * vain for a message that had come.
 *
 * @module
 */

import { RTCDataChannel } from "node-datachannel/polyfill";

/** A channel that nobody listens to after so many turns is not waited for. */
const MAX_TURNS = 100;

/** Change the class of which libp2p's WebRTC is made; once for a process. */
export function keepEarlyMessages(): void {
  const { prototype } = RTCDataChannel;
  if (Object.hasOwn(prototype, "dispatchEvent")) return;
  const { dispatchEvent } = prototype;
  const waiting = new WeakMap<EventTarget, Event[]>();

  prototype.dispatchEvent = function (this: RTCDataChannel, event: Event): boolean {
    const early = waiting.get(this);
    if (event.type !== "message" || (this.onmessage && !early)) {
      return dispatchEvent.call(this, event);
    }
    if (early) return early.push(event) > 0;
    const kept = [event];
    waiting.set(this, kept);
    const deliver = (turn: number): void => {
      if (!this.onmessage && turn < MAX_TURNS) {
        setImmediate(deliver, turn + 1);
        return;
      }
      waiting.delete(this);
      for (const one of kept) dispatchEvent.call(this, one);
    };
    setImmediate(deliver, 0);
    return true;
  };
}
