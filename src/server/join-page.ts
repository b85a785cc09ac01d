/** `GET /join/`: a page that joins this server's mesh, as `npm run build` made it of example 04. @module */

import { UnavailableError } from "../errors.ts";
import { notFound } from "./not-found.ts";

/** A file of the page; `undefined` where it was not built. */
export type ReadPage = (name: string) => Promise<Uint8Array | undefined>;

/** What the page needs. */
export interface JoinPageNeeds {
  /** Missing on hosts without files. */
  readonly readPage: ReadPage | undefined;
  readonly hasMesh: () => boolean;
}

const FILES: ReadonlyMap<string, string> = new Map([
  ["index.html", "text/html; charset=utf-8"],
  ["main.js", "text/javascript; charset=utf-8"],
  ["mesh.js", "text/javascript; charset=utf-8"],
  ["style.css", "text/css; charset=utf-8"],
]);

/** Own scripts and styles, and connections to any peer: WebSockets, WebTransport, and WebRTC. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self' ws: wss: https:",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const HEADERS = {
  "cache-control": "no-cache",
  "content-security-policy": POLICY,
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

/** The address with a slash at its end, against which the page's own are resolved. */
export function toJoinPage(): Response {
  // Browsers keep what stands behind the `#`: whom to join.
  return new Response(null, { status: 308, headers: { location: "/join/" } });
}

/** A file of the page; the empty name is the page itself. */
export async function joinPage(
  { readPage, hasMesh }: JoinPageNeeds,
  name: string,
): Promise<Response> {
  const file = name === "" ? "index.html" : name;
  const type = FILES.get(file);
  if (type === undefined)
    throw notFound(
      `/join/${name}`,
      [...FILES.keys()].map((one) => `/join/${one}`),
    );
  if (!hasMesh()) throw absent("there is no mesh to join: set features.mesh to true");
  if (!readPage) throw absent("this host has no files to serve it from");
  const bytes = await readPage(file);
  if (!bytes)
    throw absent("it was not built: run npm run build where this server was started from");
  return new Response(bytes as Uint8Array<ArrayBuffer>, {
    headers: { ...HEADERS, "content-type": type },
  });
}

function absent(why: string): UnavailableError {
  return new UnavailableError("runtime_unavailable", `The page is not here: ${why}`);
}
