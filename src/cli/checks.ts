/** What `mcpp doctor` looks at, one function per thing. @module */

import type { App } from "../app-types.ts";
import type { Config } from "../config/config.ts";
import { joinPath, QUEUE_FILE, STORE_FILE } from "../config/paths.ts";
import { ConflictError, messageOf } from "../errors.ts";
import type { Host } from "../host.ts";
import { shortVersion } from "./banner.ts";
import { type Finding, fault, note, ok } from "./finding.ts";
import { formatAddress, isTaken, urlOf } from "./listen.ts";

/** The oldest versions that the tests run on. */
const MINIMUM: Readonly<Record<Host["name"], readonly [number, number]>> = {
  node: [24, 0],
  bun: [1, 4],
  deno: [2, 9],
  edge: [0, 0],
};

/** Whether this host is new enough. */
export function checkHost({ name, version, platform }: Host): Finding {
  const [major, minor] = MINIMUM[name];
  const [haveMajor = 0, haveMinor = 0] = shortVersion(version).split(".").map(Number);
  const here = `${name} ${version} on ${platform}`;
  const isOld = haveMajor < major || (haveMajor === major && haveMinor < minor);
  return isOld
    ? fault("host", `${here} is too old`, `install ${name} ${major}.${minor} or later`)
    : ok("host", here);
}

const PROBE = "doctor/probe";

/** Whether the store opens, and keeps what is written. */
export async function checkData(host: Host, { dataDir }: Config): Promise<Finding> {
  try {
    const store = await host.openStore(joinPath(dataDir, STORE_FILE));
    try {
      const value = new TextEncoder().encode("ok");
      await store.write([{ key: PROBE, value }]);
      const read = await store.get(PROBE);
      await store.write([{ key: PROBE }]);
      if (new TextDecoder().decode(read) === "ok") return ok("data", `${dataDir} opens and writes`);
      return fault("data", `${dataDir} lost what was written`, "check the disk it is on");
    } finally {
      await store.close();
    }
  } catch (error) {
    return fault(
      "data",
      `${dataDir}: ${messageOf(error)}`,
      "make the folder writable, or name another one with --data-dir",
    );
  }
}

/** Whether the queues open; those that a running server holds are well. */
export async function checkQueue(
  host: Host,
  { dataDir, features, queue }: Config,
): Promise<Finding> {
  if (!features.queue) return note("queue", "features.queue is off: there are no tasks");
  if (!host.openQueueStore) return note("queue", "this host keeps tasks in memory alone");
  const place = queue.url === undefined ? `${dataDir}/${QUEUE_FILE}` : "the database of queue.url";
  try {
    const store = await host.openQueueStore(queue.url ?? joinPath(dataDir, QUEUE_FILE));
    const { durability } = await store.facts().finally(() => store.close());
    return ok("queue", `${place} opens (${durability})`);
  } catch (error) {
    if (error instanceof ConflictError && error.code === "data_locked") {
      return ok("queue", `${place} is open in process ${error.data.pid ?? "of another server"}`);
    }
    return fault("queue", messageOf(error), "everything else works without it");
  }
}

/** Whether the folders that tools may touch exist. */
export async function checkRoots(host: Host, { roots }: Config): Promise<readonly Finding[]> {
  if (roots.length === 0) {
    return [note("roots", "none: tools can read no file; name a folder with --root or roots")];
  }
  return Promise.all(
    roots.map(async (root) => {
      const info = await host.files.stat(root);
      if (info?.kind === "folder") return ok("roots", root);
      const what = info ? "is a file" : "does not exist";
      return fault("roots", `${root} ${what}`, "create the folder, or take it out of roots");
    }),
  );
}

/** Whether `mcpp serve` could listen, and if not, who does. */
export async function checkPort(host: Host, { listen }: Config): Promise<Finding> {
  const { hostname, port } = listen;
  if (port === 0) return ok("port", "any free one");
  const error = await listenError(host, hostname, port);
  const address = formatAddress(listen);
  if (error === undefined) return ok("port", `${address} is free`);
  if (!isTaken(error)) return fault("port", messageOf(error), "name another one with --port");
  const owner = await ownerOf(urlOf(hostname, port));
  return fault("port", `${address} is taken by ${owner}`, "stop it, or serve with --port 0");
}

/** Whether the mesh could listen for TCP; UDP ports show when the server starts. */
export async function checkPeerPort(host: Host, { listen, mesh }: Config): Promise<Finding> {
  const { tcpPort: port, hostname = listen.hostname } = mesh;
  if (port === "off") return ok("peer port", "off: no TCP for peers");
  if (port === 0) return ok("peer port", "any free one");
  const error = await listenError(host, hostname, port);
  const address = formatAddress({ hostname, port });
  if (error === undefined) return ok("peer port", `${address} is free`);
  const detail = isTaken(error) ? `${address} is taken` : messageOf(error);
  return fault("peer port", detail, "name another one: mesh.tcpPort, 0 for any or off");
}

/** Why nothing can listen there; nothing where it can. */
async function listenError(host: Host, hostname: string, port: number): Promise<unknown> {
  try {
    const server = await host.listen(() => new Response(), { hostname, port });
    await server.close();
    return undefined;
  } catch (error) {
    return error;
  }
}

const ASK_WITHIN_MS = 1000;

/** Who answers at an address, as far as it says so itself. */
async function ownerOf(url: string): Promise<string> {
  try {
    const answer = await fetch(`${url}/`, {
      headers: { accept: "application/json" },
      signal: AbortSignal.timeout(ASK_WITHIN_MS),
    });
    const about: unknown = await answer.json();
    const { name, version } = about as Readonly<Record<string, unknown>>;
    return typeof name === "string"
      ? `${name} ${typeof version === "string" ? version : ""}`.trim()
      : "another HTTP server";
  } catch {
    // Whatever it is, it does not speak JSON over HTTP; that is all there is to know.
    return "another program";
  }
}

/** Start one mounted server and ask it. */
export async function checkUpstream({ upstreams }: App, name: string): Promise<Finding> {
  const { healthy, detail, hints } = await upstreams.diagnose(name);
  const subject = `upstream ${name}`;
  return healthy ? ok(subject, detail) : fault(subject, detail, ...hints);
}
