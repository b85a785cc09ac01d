/** `createMesh()`: the neutral mesh of a page with what browsers lend. @module */

import { webRTC, webRTCDirect } from "@libp2p/webrtc";
import { webTransport } from "@libp2p/webtransport";
import { systemClock } from "../../src/concurrency/clock.ts";
import type { PeerRuleConfig } from "../../src/config/config.ts";
import { UnavailableError } from "../../src/errors.ts";
import type { HostTransport } from "../../src/host.ts";
import { createWebSocketTransport } from "../../src/mesh/web-socket-transport.ts";
import type { PageMesh } from "../../src/page/page.ts";
import { createPageMesh } from "../../src/page/page-mesh.ts";
import { takeIdentity } from "./identity-slot.ts";
import { openIndexedDbStore } from "./indexeddb-store.ts";
import { onLeave, onWake } from "./page-life.ts";

/** How a page joins. */
export interface MeshOptions {
  /** Multiaddrs of servers, e.g. `/dns4/tools.example/tcp/443/tls/ws/p2p/12D3KooW…`. */
  readonly bootstrap?: readonly string[];
  /** What peers and people see; left out, `page`. */
  readonly name?: string;
  /**
   * What peers may call beside tools that only read: `[{ peer: "*", tools: ["*"] }]` opens all that
   * the page offers to everybody.
   */
  readonly allow?: readonly (Pick<PeerRuleConfig, "peer"> & Partial<PeerRuleConfig>)[];
  /** Name of the database in which identity and known peers are kept. */
  readonly store?: string;
  /** Leaves the mesh when it fires. */
  readonly signal?: AbortSignal;
  /** Hears of what fails in the background; left out, the console's debug messages do. */
  readonly onTrouble?: (what: string, error: unknown) => void;
}

/** Join the mesh; resolves when the first contacts were tried, and goes on trying. */
export async function createMesh(options: MeshOptions = {}): Promise<PageMesh> {
  const { bootstrap = [], name = "page", store: database = "mcplusplus", signal } = options;
  signal?.throwIfAborted();
  assertSecure();
  const store = await openIndexedDbStore(database);
  const slot = await takeIdentity(database, store).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  const close = async (): Promise<void> => {
    await store.close();
    slot.release();
  };
  try {
    const mesh = await createPageMesh({
      ...{ name, bootstrap, onWake, onLeave, transports, clock: systemClock, random: Math.random },
      ...{ identity: slot.identity, store: slot.store },
      allow: (options.allow ?? []).map(complete),
      // biome-ignore lint/suspicious/noConsole: a page's log is its console
      trouble: options.onTrouble ?? ((what, error) => console.debug("mesh:", what, error)),
    });
    if (signal?.aborted) {
      await mesh.stop();
      throw signal.reason;
    }
    return closingAfter(mesh, close, signal);
  } catch (error) {
    await close();
    throw error;
  }
}

/** The same mesh, which gives its identity back when it has stopped. */
function closingAfter(
  mesh: PageMesh,
  close: () => Promise<void>,
  signal: AbortSignal | undefined,
): PageMesh {
  let stopping: Promise<void> | undefined;
  const leave = (): void => void stop().catch(reportError);
  const stop = (): Promise<void> => {
    signal?.removeEventListener("abort", leave);
    stopping ??= mesh.stop().finally(close);
    return stopping;
  };
  signal?.addEventListener("abort", leave);
  return { ...mesh, stop, [Symbol.asyncDispose]: stop };
}

const transports: readonly HostTransport[] = [
  { name: "webtransport", create: webTransport(), listen: [] },
  { name: "webrtc-direct", create: webRTCDirect(), listen: [] },
  createWebSocketTransport(),
  // Where a relay has given this page a slot, others open WebRTC connections over it.
  { name: "webrtc", create: webRTC(), listen: ["/webrtc"] },
];

const complete = (
  rule: Pick<PeerRuleConfig, "peer"> & Partial<PeerRuleConfig>,
): PeerRuleConfig => ({ tools: [], categories: [], abilities: [], ...rule });

function assertSecure(): void {
  if (isSecureContext) return;
  throw new UnavailableError(
    "runtime_unavailable",
    `Browsers keep keys and locks from pages that came over plain http: open ${location.host} over https, or as localhost on the machine itself`,
  );
}
