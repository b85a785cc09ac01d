/** What `mcpp doctor` looks at, one function per thing. @module */

import type { App } from "../app-types.ts";
import type { Config } from "../config/config.ts";
import { joinPath, STORE_FILE } from "../config/paths.ts";
import { messageOf } from "../errors.ts";
import type { Host } from "../host.ts";
import { shortVersion } from "./banner.ts";
import { formatAddress, isTaken, urlOf } from "./listen.ts";

/** What was found, and what to do about it. */
export interface Finding {
  readonly name: string;
  readonly state: "ok" | "note" | "fault";
  readonly detail: string;
  readonly todo?: readonly string[];
}

const ok = (name: string, detail: string): Finding => ({ name, state: "ok", detail });
const note = (name: string, detail: string): Finding => ({ name, state: "note", detail });
const fault = (name: string, detail: string, ...todo: readonly string[]): Finding => ({
  name,
  state: "fault",
  detail,
  todo,
});

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

/** The native addon is for the mesh alone. */
export function checkMesh({ features }: Config): Finding {
  return note(
    "mesh",
    `${features.mesh ? "on" : "off"}: its native addon (WebRTC) is not needed yet`,
  );
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
  const address = formatAddress(listen);
  if (listen.port === 0) return ok("port", "any free one");
  try {
    const server = await host.listen(() => new Response(), listen);
    await server.close();
    return ok("port", `${address} is free`);
  } catch (error) {
    if (!isTaken(error)) return fault("port", messageOf(error), "name another one with --port");
    const owner = await ownerOf(urlOf(listen.hostname, listen.port));
    return fault("port", `${address} is taken by ${owner}`, "stop it, or serve with --port 0");
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
