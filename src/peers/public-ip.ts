/** The address by which the internet sees this machine: several services are asked, a majority is believed. @module */

import ipaddr from "ipaddr.js";
import type { Clock } from "../concurrency/clock.ts";
import { IntegrityError, messageOf, UnavailableError } from "../errors.ts";
import type { PublicAddress } from "../registry/peers.ts";
import { readText } from "./read-text.ts";
import type { Fetch } from "./rendezvous-source.ts";
import { within } from "./within.ts";

/** How long an answer is believed. */
export const CACHE_MS: number = 3_600_000;

const SERVICE_MS = 5_000;

/** One short line; anything longer is a page. */
const MAX_BYTES = 256;

/** What finding out needs. */
export interface PublicIpNeeds {
  readonly services: () => readonly string[];
  /** Addresses at which connected peers see this node, as multiaddrs. */
  readonly observed: () => readonly string[];
  readonly fetch: Fetch;
  readonly clock: Clock;
}

/** What one service, or the connected peers, said. */
type Said = PublicAddress["sources"][number];

/** Finds out; `refresh` asks again although the last answer is still believed. */
export type FindPublicIp = (options: {
  readonly refresh: boolean;
  readonly signal: AbortSignal;
}) => Promise<PublicAddress>;

/** A cached search for this machine's public address. */
export function createPublicIp(needs: PublicIpNeeds): FindPublicIp {
  const { clock, observed, services } = needs;
  let known: { readonly at: number; readonly address: PublicAddress } | undefined;
  return async ({ refresh, signal }) => {
    if (known && !refresh && clock.now() - known.at < CACHE_MS) return known.address;
    const asked = await Promise.all(services().map((url) => ask(url, needs, signal)));
    signal.throwIfAborted();
    const address = majorityOf([...asked, ...observations(observed())]);
    known = { at: clock.now(), address };
    return address;
  };
}

async function ask(
  url: string,
  { fetch, clock }: PublicIpNeeds,
  parent: AbortSignal,
): Promise<Said> {
  const limits = { clock, ms: SERVICE_MS, signal: parent, what: `${url} did not answer` };
  try {
    const address = await within(limits, async (signal) => {
      const response = await fetch(url, { headers: { accept: "text/plain" }, signal });
      const text = (await readText(response, MAX_BYTES, url)).trim();
      if (response.ok) return publicOf(text);
      throw new UnavailableError("runtime_unavailable", `${url} answered ${response.status}`);
    });
    return { source: url, address };
  } catch (error) {
    return { source: url, error: messageOf(error) };
  }
}

/** An address that the internet can route, in its one spelling. */
function publicOf(text: string): string {
  let address: ReturnType<typeof ipaddr.parse>;
  try {
    address = ipaddr.parse(text);
  } catch (cause) {
    throw new IntegrityError(
      "schema_mismatch",
      `${JSON.stringify(text.slice(0, 60))} is no IP address`,
      {
        cause,
      },
    );
  }
  if (address.range() === "unicast") return address.toString();
  throw new IntegrityError(
    "schema_mismatch",
    `${text} is not a public address but ${address.range()}`,
  );
}

/** What peers see, each address once however many see it: one's own peers are no independent services. */
function observations(multiaddrs: readonly string[]): readonly Said[] {
  const addresses = new Set<string>();
  for (const text of multiaddrs) {
    const ip = /^\/ip[46]\/([^/]+)/.exec(text)?.[1];
    if (ip === undefined) continue;
    try {
      addresses.add(publicOf(ip));
    } catch {
      // A peer of the local network sees a local address, which says nothing of the public one.
    }
  }
  return [...addresses].map((address) => ({ source: "connected peers", address }));
}

const familyOf = (address: string): PublicAddress["family"] =>
  address.includes(":") ? "IPv6" : "IPv4";

/**
 * The address that most of the answers of its family name, at least two: a machine may be asked
 * over IPv4 by one service and over IPv6 by another.
 */
function majorityOf(sources: readonly Said[]): PublicAddress {
  const votes = new Map<string, number>();
  const answers = { IPv4: 0, IPv6: 0 };
  for (const { address } of sources) {
    if (address === undefined) continue;
    votes.set(address, (votes.get(address) ?? 0) + 1);
    answers[familyOf(address)] += 1;
  }
  const [address, agreed] = [...votes].sort(([, a], [, b]) => b - a)[0] ?? ["", 0];
  const family = familyOf(address);
  if (agreed >= 2 && agreed * 2 > answers[family]) {
    return { address, family, agreed, asked: answers[family], sources };
  }
  const said = sources.map(({ source, address: told, error }) => `${source}: ${told ?? error}`);
  throw new UnavailableError(
    "runtime_unavailable",
    `No two services agree on this machine's public address: ${said.join("; ") || "none is configured in mesh.publicIpServices"}`,
    { data: { sources } },
  );
}
