/** Why a transport could not listen, with the address and port. @module */

import type { Transport } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import { messageOf, UnavailableError } from "../errors.ts";

interface Failure {
  readonly address: string;
  readonly cause: unknown;
}

/** Remembers which listeners failed: libp2p makes one text of all errors, their codes are lost. */
export interface ListenFailures {
  readonly watch: (transport: Transport) => Transport;
  /** The error to throw instead of libp2p's. */
  readonly explain: (error: unknown) => unknown;
}

/** For one node. */
export function createListenFailures(): ListenFailures {
  const failures: Failure[] = [];
  return {
    watch(transport) {
      const createListener = transport.createListener.bind(transport);
      transport.createListener = (options) => {
        const listener = createListener(options);
        const listen = listener.listen.bind(listener);
        listener.listen = async (address) => {
          for (let left = attemptsFor(address); ; left -= 1) {
            try {
              return await listen(address);
            } catch (cause) {
              if (left > 1) continue;
              failures.push({ address: address.toString(), cause });
              throw cause;
            }
          }
        };
        return listener;
      };
      return transport;
    },
    explain(error) {
      const [first] = failures;
      if (!first) return error;
      const message = failures.map(sentenceOf).join("; ");
      const { address, cause } = first;
      return new UnavailableError("address_unavailable", message, { cause, data: { address } });
    },
  };
}

/**
 * For WebRTC-direct on any free port, libp2p takes one that is free for TCP; whether it is free for UDP
 * shows when it is used.
 */
function attemptsFor(address: Multiaddr): number {
  return /\/udp\/0\/webrtc-direct/.test(address.toString()) ? 8 : 1;
}

/** Codes and texts by which Node, Bun and Deno, and native addons, say that a port is taken. */
const TAKEN = /EADDRINUSE|AddrInUse|address (?:is )?already in use|address in use/i;

function sentenceOf({ address, cause }: Failure): string {
  const { code } = cause as { readonly code?: unknown };
  const port = /\/(tcp|udp)\/(\d+)/.exec(address);
  if (port && TAKEN.test(`${String(code)} ${messageOf(cause)}`)) {
    const [, protocol = "", number] = port;
    return `${protocol.toUpperCase()} port ${number} of ${address} is already in use: stop the program that has it, or take another port; 0 is any free one`;
  }
  return `Nothing can listen on ${address}: ${messageOf(cause)}`;
}
