/** What `mcpp doctor` looks at of the mesh, one function per thing. @module */

import type { App } from "../app-types.ts";
import type { Config } from "../config/config.ts";
import type { LoadedConfig } from "../config/load.ts";
import { IDENTITY_FILE, joinPath } from "../config/paths.ts";
import { messageOf } from "../errors.ts";
import type { Host } from "../host.ts";
import type { BootstrapAddress, Peers } from "../registry/peers.ts";
import { type Finding, fault, note, ok } from "./finding.ts";

/** Whether the mesh is wanted, and if not, by which setting. */
export function checkMeshSwitch({ config, origins }: LoadedConfig): Finding | undefined {
  if (config.features.mesh) return undefined;
  const origin = origins.find(({ key }) => key === "features.mesh")?.origin ?? "the configuration";
  return note(
    "mesh",
    `off: features.mesh is false (${origin}); local and mounted tools work without it`,
  );
}

/** Whether the key of this server is there, good, and its own secret. */
export async function checkIdentity(host: Host, { dataDir }: Config): Promise<Finding> {
  const path = joinPath(dataDir, IDENTITY_FILE);
  const { formatMode, isExposed, readIdentity } = await import("../mesh/identity-file.ts");
  try {
    const known = await readIdentity(host.files, path);
    if (!known) return ok("identity", "none yet: the first start of the server makes one");
    const { identity, mode } = known;
    if (!isExposed(mode)) return ok("identity", `${identity.peer} in ${path}`);
    return note(
      "identity",
      `${path} can be read by others on this machine (mode ${formatMode(mode)})`,
      "the next start closes it, and so does mcpp identity; move the file away for a new identity if somebody may have read the key",
    );
  } catch (error) {
    return fault("identity", messageOf(error), "mcpp identity import --force takes a copy");
  }
}

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname.startsWith("127.") || /^\[?::1\]?$/.test(hostname);

/** Whether peers on other machines can reach this server. */
export function checkReach({ listen, mesh }: Config): Finding {
  if (mesh.announce.length > 0) return ok("reach", `announced as ${mesh.announce.join(", ")}`);
  const hostname = mesh.hostname ?? listen.hostname;
  const isOpen = [mesh.tcpPort, mesh.webRtcPort, mesh.quicPort, mesh.webTransportPort].some(
    (port) => port !== "off",
  );
  if (isOpen && !isLoopback(hostname)) return ok("reach", `listens for peers on ${hostname}`);
  if (mesh.webSocket && !isLoopback(listen.hostname)) {
    return ok("reach", `takes WebSockets on ${listen.hostname}:${listen.port}`);
  }
  return note(
    "reach",
    "only programs on this machine can dial this server; it can dial others",
    "mesh.hostname: 0.0.0.0 opens the ports of the mesh, mesh.announce names addresses of a proxy",
  );
}

/** Transports that are wanted and are not there: the others work without them. */
export async function checkTransports(
  { openTransports }: Host,
  { listen, mesh }: Config,
): Promise<readonly Finding[]> {
  const { hostname = listen.hostname, tcpPort, quicPort, webRtcPort, webTransportPort } = mesh;
  const ports = { tcpPort, quicPort, webRtcPort, webTransportPort };
  try {
    // Loads what there is; nothing listens yet.
    const { missing = {} } = (await openTransports?.({ hostname, ...ports })) ?? {};
    return Object.values(missing).map((why) => note("transport", why));
  } catch (error) {
    const detail = `mesh.hostname ${hostname}: ${messageOf(error)}`;
    return [fault("transport", detail, "name an address of this machine, or 0.0.0.0 for all")];
  }
}

/** Whether a node comes up, and whom it reaches. */
export async function checkNode({ mesh }: App, signal: AbortSignal): Promise<readonly Finding[]> {
  await mesh.settled();
  const { state, reason = "it did not say why" } = mesh.status();
  if (state === "off") return [note("mesh", `off: ${reason}`)];
  if (!mesh.peers) return [fault("mesh", `does not start: ${reason}`)];
  return [ok("mesh", "a node starts"), ...(await checkBootstrap(mesh.peers, signal))];
}

/** Every address by which the mesh is to be found, tried. */
async function checkBootstrap(peers: Peers, signal: AbortSignal): Promise<readonly Finding[]> {
  const reports = await Promise.all([
    peers.readBootstrap("config", { signal }),
    peers.readBootstrap("file", { signal }),
  ]);
  const tried = reports.flatMap(({ from, addresses }) =>
    addresses.map((address) => ({ ...address, from })),
  );
  if (tried.length === 0) {
    const detail = "no address is configured: peers are looked for, or come by themselves";
    return [note("bootstrap", detail, "mesh.bootstrap or --bootstrap names one to connect to")];
  }
  const isAlone = tried.every(({ isConnected }) => !isConnected);
  return tried.map((one) => findingOf(one, isAlone));
}

function findingOf(
  {
    address,
    isConnected,
    isValid,
    reason = "it did not say why",
    from,
  }: BootstrapAddress & {
    readonly from: string;
  },
  isAlone: boolean,
): Finding {
  if (isConnected) return ok("bootstrap", `${address} is connected`);
  // A dial's own words begin with what was dialled.
  const detail = `${reason.startsWith(address) ? reason : `${address}: ${reason}`} (${from})`;
  if (!isValid) return fault("bootstrap", detail, "correct it; mcpp serve prints good addresses");
  // One that answers is enough for the others to be found.
  if (!isAlone) return note("bootstrap", detail);
  return fault("bootstrap", detail, "start that server, or name another one with --bootstrap");
}

/** Records of peers expire after half an hour: this much is noticed before it hurts. */
const MAX_SKEW_MS = 60_000;
const ASK_WITHIN_MS = 3000;

/** Whether this machine's clock agrees with the servers that are asked for peers. */
export async function checkClock(
  { mesh: { rendezvous } }: Config,
  now: () => number,
): Promise<readonly Finding[]> {
  const findings = rendezvous.map(async (url): Promise<readonly Finding[]> => {
    try {
      const signal = AbortSignal.timeout(ASK_WITHIN_MS);
      const { headers } = await fetch(url, { method: "HEAD", signal });
      const skewMs = now() - Date.parse(headers.get("date") ?? "");
      // Without a date there is nothing to compare.
      if (Number.isNaN(skewMs)) return [];
      if (Math.abs(skewMs) <= MAX_SKEW_MS) return [ok("clock", `agrees with ${url}`)];
      const off = `${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs > 0 ? "ahead of" : "behind"}`;
      const detail = `this machine is ${off} ${url}: peers take signed records for expired`;
      return [fault("clock", detail, "set the clock, e.g. with NTP")];
    } catch (error) {
      return [note("rendezvous", `${url} does not answer: ${messageOf(error)}`)];
    }
  });
  return (await Promise.all(findings)).flat();
}
