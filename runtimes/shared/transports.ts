/**
 * The ways to peers that Node, Bun and Deno have beside WebSockets. Addons are loaded when a mesh
 * wants them; one that cannot be loaded is missing with its reason, and the others work.
 *
 * @module
 */

import { lookup } from "node:dns/promises";
import process from "node:process";
import { messageOf } from "../../src/errors.ts";
import type {
  HostTransport,
  HostTransports,
  TransportName,
  TransportOptions,
} from "../../src/host.ts";
import { hostPart } from "../../src/mesh/addresses.ts";

/** Transports that come with one import. */
interface Source {
  readonly names: readonly TransportName[];
  readonly port: number | "off";
  readonly load: () => Promise<readonly HostTransport[]>;
  /** How to get what could not be loaded. */
  readonly remedy: string;
}

/** Open what the options want, in the order in which addresses are dialled. */
export async function openTransports(options: TransportOptions): Promise<HostTransports> {
  const { address } = await lookup(options.hostname);
  const sources = sourcesOf(hostPart(address), options).filter(({ port }) => port !== "off");
  const opened = await Promise.all([openTcp(hostPart(address), options), ...sources.map(open)]);
  return {
    transports: opened.flatMap(({ transports }) => transports),
    missing: Object.assign({}, ...opened.map(({ missing }) => missing)),
  };
}

/** TCP needs no addon: a port that is off still leaves dialling. */
async function openTcp(
  host: string,
  { tcpPort }: Pick<TransportOptions, "tcpPort">,
): Promise<HostTransports> {
  const { createTcpTransport } = await import("./tcp-transport.ts");
  const listen = tcpPort === "off" ? [] : [`${host}/tcp/${tcpPort}`];
  return { transports: [createTcpTransport(listen)], missing: {} };
}

function sourcesOf(host: string, options: TransportOptions): readonly Source[] {
  const { quicPort, webRtcPort, webTransportPort } = options;
  return [
    {
      names: ["quic"],
      port: quicPort,
      async load() {
        if (process.versions.deno) throw new Error("it crashes Deno 2.9 when the process ends");
        const { quic } = await import("@chainsafe/libp2p-quic");
        return [{ name: "quic", create: quic(), listen: [`${host}/udp/${quicPort}/quic-v1`] }];
      },
      remedy:
        "on Node and Bun npm install @chainsafe/libp2p-quic, elsewhere set mesh.quicPort to off",
    },
    {
      names: ["webtransport"],
      port: webTransportPort,
      async load() {
        const { createDenoWebTransport } = await import("./deno-web-transport.ts");
        return [createDenoWebTransport(`${host}/udp/${webTransportPort}/quic-v1/webtransport`)];
      },
      remedy: "use deno run --unstable-net, or set mesh.webTransportPort to off",
    },
    {
      names: ["webrtc-direct", "webrtc"],
      port: webRtcPort,
      async load() {
        const { loadWebRtc } = await import("./webrtc.ts");
        return loadWebRtc(`${host}/udp/${webRtcPort}/webrtc-direct`);
      },
      remedy: "its addon node-datachannel has no build for this system; set mesh.webRtcPort to off",
    },
  ];
}

async function open({ names, load, remedy }: Source): Promise<HostTransports> {
  try {
    return { transports: await load(), missing: {} };
  } catch (error) {
    // The rest of such a message names where was looked, line by line.
    const [why = ""] = messageOf(error).split("\n");
    const missing = names.map((name) => [name, `${name} cannot be loaded (${why}): ${remedy}`]);
    return { transports: [], missing: Object.fromEntries(missing) };
  }
}
