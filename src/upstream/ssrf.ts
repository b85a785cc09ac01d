/**
 * Which addresses a mounted HTTP server may have, so that a configuration or a redirect cannot
 * reach into the network this server stands in.
 *
 * @module
 */

import ipaddr from "ipaddr.js";
import { InputError, messageOf, UnavailableError } from "../errors.ts";

/** Where cloud machines ask for their own credentials; never a place for an MCP server. */
const metadataAddresses = new Set([
  "169.254.169.254",
  "169.254.170.2",
  "169.254.170.23",
  "100.100.100.200",
  "192.0.0.192",
  "168.63.129.16",
  "fd00:ec2::254",
  "fd00:ec2::23",
  "fd20:ce::254",
]);
const metadataNames = new Set(["metadata.google.internal", "metadata.goog", "instance-data"]);

/** What an address is to this check. */
export type AddressKind = "public" | "loopback" | "private" | "metadata";

/** The kind of an IP address; IPv4 inside IPv6 counts as the IPv4 address it is. */
export function kindOf(address: string): AddressKind {
  const parsed = ipaddr.process(address);
  const embedded = embeddedIpv4(parsed);
  if (embedded) return kindOf(embedded);
  const normal = parsed.toString();
  if (metadataAddresses.has(normal)) return "metadata";
  const range = parsed.range();
  if (range === "loopback") return "loopback";
  return range === "unicast" ? "public" : "private";
}

/** NAT64 (64:ff9b::/96) and 6to4 (2002::/16) carry an IPv4 address that is where they lead. */
function embeddedIpv4(address: ipaddr.IPv4 | ipaddr.IPv6): string | undefined {
  if (!(address instanceof ipaddr.IPv6)) return undefined;
  const range = address.range();
  const bytes = address.toByteArray();
  if (range === "rfc6052") return bytes.slice(12).join(".");
  if (range === "6to4") return bytes.slice(2, 6).join(".");
  return undefined;
}

/** What the check needs and allows. */
export interface AddressPolicy {
  readonly upstream: string;
  readonly allowPrivateNetwork: boolean;
  /** Left out where the host cannot look names up; the platform's own fetch guards then. */
  readonly resolveAddresses: ((hostname: string) => Promise<readonly string[]>) | undefined;
}

function refuse(policy: AddressPolicy, url: URL, reason: string): never {
  throw new InputError(
    "invalid_config",
    `mcpServers.${policy.upstream} may not reach ${url.origin}: ${reason}`,
    { data: { upstream: policy.upstream, origin: url.origin } },
  );
}

async function addressesOf(url: URL, policy: AddressPolicy): Promise<readonly string[]> {
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  if (ipaddr.isValid(hostname)) return [hostname];
  if (metadataNames.has(hostname.replace(/\.$/, ""))) {
    refuse(policy, url, "it is where cloud machines ask for their credentials");
  }
  if (hostname === "localhost" || hostname.endsWith(".localhost")) return ["127.0.0.1"];
  if (!policy.resolveAddresses) return [];
  try {
    return await policy.resolveAddresses(hostname);
  } catch (cause) {
    throw new UnavailableError(
      "upstream_unavailable",
      `The name ${hostname} of mcpServers.${policy.upstream} was not found: ${messageOf(cause)}`,
      { cause, data: { upstream: policy.upstream, hostname } },
    );
  }
}

/**
 * Throws unless `url` may be asked: https, or http to loopback or an allowed private network; no
 * metadata service ever; no private address unless allowed.
 *
 * Loopback counts as allowed only when the configuration names it (`http://localhost:…`): a public
 * name that resolves to loopback is an attack on what listens there.
 */
export async function assertReachable(url: URL, policy: AddressPolicy): Promise<void> {
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    refuse(policy, url, `${url.protocol} is not http or https`);
  }
  const kinds = (await addressesOf(url, policy)).map(kindOf);
  if (kinds.includes("metadata")) {
    refuse(policy, url, "it is where cloud machines ask for their credentials");
  }
  const isNamedLoopback = kinds.includes("loopback") && namesLoopback(url);
  const isInside = kinds.some((kind) => kind !== "public");
  if (isInside && !isNamedLoopback && !policy.allowPrivateNetwork) {
    refuse(policy, url, "its address is private; allowPrivateNetwork: true allows that");
  }
  if (url.protocol === "http:" && !isInside) {
    refuse(policy, url, "plain http can be read and changed on the way; use https");
  }
}

function namesLoopback({ hostname }: URL): boolean {
  const name = hostname.replace(/^\[|\]$/g, "");
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  return ipaddr.isValid(name) && kindOf(name) === "loopback";
}
