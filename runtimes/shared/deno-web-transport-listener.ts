/** Listens on a UDP port for pages that come over WebTransport, on Deno's QUIC. @module */

import {
  type CreateListenerOptions,
  type Listener,
  type ListenerEvents,
  TypedEventEmitter,
} from "@libp2p/interface";
import { getNetConfig, getThinWaistAddresses } from "@libp2p/utils";
import {
  CODE_CERTHASH,
  CODE_WEBTRANSPORT,
  type Multiaddr,
  multiaddr,
} from "@multiformats/multiaddr";
import { admit, type Components } from "./deno-web-transport-handshake.ts";
import { type CertificatePair, renewCertificates } from "./web-transport-certificates.ts";

/** Pages that may be on their way to a connection at once; more are refused. */
const MAX_OPENING = 64;

/**
 * A page needs three streams that go one way, for HTTP/3. Deno buffers more than a megabyte of each
 * stream that nobody reads, so more streams of either kind would be memory given to strangers.
 */
const QUIC: Omit<Deno.QuicListenOptions, "cert" | "key"> = {
  alpnProtocols: ["h3"],
  maxConcurrentUnidirectionalStreams: 8,
  maxConcurrentBidirectionalStreams: 64,
  maxIdleTimeout: 30_000,
  keepAliveInterval: 10_000,
};

const RENEW_EVERY_MS = 3_600_000;

/** What a listener needs beside the upgrader. */
export interface ListenerNeeds {
  readonly components: Components;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What there is while it listens. */
interface Open {
  readonly at: Multiaddr;
  readonly endpoint: Deno.QuicEndpoint;
  readonly timer: ReturnType<typeof setInterval>;
}

export class WebTransportListener extends TypedEventEmitter<ListenerEvents> implements Listener {
  readonly #needs: ListenerNeeds;
  readonly #upgrader: CreateListenerOptions["upgrader"];
  readonly #stopping = new AbortController();
  /** All that ever listened: Deno stops listening when any of them is collected. */
  readonly #listeners: Deno.QuicListener[] = [];
  #opening = 0;
  #open: Open | undefined;
  #certificates: CertificatePair | undefined;

  constructor(needs: ListenerNeeds, { upgrader }: CreateListenerOptions) {
    super();
    this.#needs = needs;
    this.#upgrader = upgrader;
  }

  async listen(at: Multiaddr): Promise<void> {
    const { host, port = 0 } = getNetConfig(at);
    this.#certificates = await renewCertificates(this.#needs.now());
    const endpoint = new Deno.QuicEndpoint({ hostname: host, port });
    const timer = setInterval(() => this.renew().catch(this.#report), RENEW_EVERY_MS);
    this.#open = { at, endpoint, timer };
    this.#accept(this.#listenWith(this.#certificates)).catch(this.#report);
    this.safeDispatchEvent("listening");
  }

  /** Go on with the next certificate if it is time; libp2p then announces the new addresses. */
  async renew(): Promise<void> {
    const before = this.#certificates;
    const now = await renewCertificates(this.#needs.now(), before);
    if (now === before || !this.#open) return;
    this.#certificates = now;
    this.#listenWith(now);
    this.safeDispatchEvent("listening");
  }

  getAddrs(): Multiaddr[] {
    if (!this.#open) return [];
    const { at, endpoint } = this.#open;
    return getThinWaistAddresses(at, endpoint.addr.port).map((host) =>
      host.encapsulate(`/quic-v1/webtransport${this.#certhashes()}`),
    );
  }

  /** Addresses from the settings get the hashes, which nobody can know beforehand. */
  updateAnnounceAddrs(addresses: Multiaddr[]): void {
    for (const [index, address] of addresses.entries()) {
      const names = address.getComponents().map(({ code }) => code);
      const isOurs = names.includes(CODE_WEBTRANSPORT) && !names.includes(CODE_CERTHASH);
      if (!isOurs || !this.#certificates) continue;
      const text = address.toString().replace("/webtransport", `$&${this.#certhashes()}`);
      addresses[index] = multiaddr(text);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#open?.timer);
    this.#stopping.abort();
    this.#open?.endpoint.close();
    this.#open = undefined;
    this.safeDispatchEvent("close");
  }

  #listenWith({ current }: CertificatePair): Deno.QuicListener | undefined {
    const options = { ...QUIC, cert: current.pem, key: current.privateKeyPem };
    const listener = this.#open?.endpoint.listen(options);
    if (listener) this.#listeners.push(listener);
    return listener;
  }

  /** The first listener hears of every connection, whichever certificate greets it. */
  async #accept(listener: Deno.QuicListener | undefined): Promise<void> {
    for await (const incoming of listener ?? []) {
      if (this.#opening < MAX_OPENING) this.#admit(incoming).catch(this.#report);
      else incoming.refuse();
    }
  }

  async #admit(incoming: Deno.QuicIncoming): Promise<void> {
    const { spent, current, next } = this.#certificates ?? {};
    const hashes = [spent, current, next].flatMap((one) => (one ? [one.hash] : []));
    this.#opening += 1;
    try {
      const { components } = this.#needs;
      const { signal } = this.#stopping;
      await admit(incoming, { components, upgrader: this.#upgrader, hashes, signal });
    } finally {
      this.#opening -= 1;
    }
  }

  #certhashes(): string {
    const { current, next } = this.#certificates ?? {};
    return [current, next].map((one) => (one ? `/certhash/${one.certhash}` : "")).join("");
  }

  readonly #report = (error: unknown): void => {
    this.#needs.components.logger.forComponent("mcplusplus:webtransport").error("%e", error);
  };
}
