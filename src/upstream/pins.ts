/**
 * Whether mounted tools are still what they were when they were first trusted.
 *
 * A server may change a tool's description after a person approved it ("rug pull"); models read
 * the new one. Each definition is hashed when first seen, and a different one is noticed.
 *
 * @module
 */

import { IntegrityError } from "../errors.ts";
import type { Store } from "../storage/store.ts";
import { hashOf } from "./canonical-json.ts";
import type { Listed } from "./catalog.ts";

/** How far changed definitions are accepted. */
export type PinMode = "off" | "warn" | "enforce";

/** `pending`: new on a server that was seen before; `removed`: seen before and not now. */
export type PinState = "approved" | "pending" | "changed" | "removed";

/** What is known of one tool's definition. */
export interface Pin {
  readonly state: PinState;
  /** Hash that is approved; missing while pending. */
  readonly approved?: string;
  /** Hash of what the server offers now; missing when removed. */
  readonly current?: string;
}

/** Every tool of one server with its pin. */
export type PinBook = ReadonlyMap<string, Pin>;

/** What is pinned of a tool. */
function pinnedPart(tool: Listed): Listed {
  const { name, title, description, inputSchema, outputSchema, annotations } = tool;
  return { name, title, description, inputSchema, outputSchema, annotations };
}

/** The book after the server was seen to offer `tools`; without a book, all are trusted. */
export function reviewTools(
  book: PinBook | undefined,
  tools: readonly Listed[],
  preApproved: Readonly<Record<string, string>> = {},
): PinBook {
  const next = new Map<string, Pin>();
  for (const tool of tools) {
    const name = String(tool.name);
    const current = hashOf(pinnedPart(tool));
    const approved = Object.hasOwn(preApproved, name)
      ? preApproved[name]
      : approvedBy(book, name, current);
    next.set(name, {
      state: stateOf(approved, current),
      current,
      ...(approved !== undefined && { approved }),
    });
  }
  for (const [name, { approved }] of book ?? []) {
    if (!next.has(name)) next.set(name, { state: "removed", ...(approved && { approved }) });
  }
  return next;
}

function approvedBy(book: PinBook | undefined, name: string, current: string): string | undefined {
  return book ? book.get(name)?.approved : current;
}

function stateOf(approved: string | undefined, current: string): PinState {
  if (approved === undefined) return "pending";
  return approved === current ? "approved" : "changed";
}

/** The book after a person approved what is offered now, of one tool or of all. */
export function approveTools(book: PinBook, tool?: string): PinBook {
  const approved = [...book].map(([name, pin]): [string, Pin] => {
    const { current } = pin;
    const isMeant = tool === undefined || tool === name;
    return [name, isMeant && current ? { state: "approved", approved: current, current } : pin];
  });
  return new Map(approved.filter(([, { state }]) => state !== "removed" || tool !== undefined));
}

/** Throws where a tool must not run before a person looked at it. */
export function assertPinned(upstream: string, tool: string, pin: Pin | undefined): void {
  if (pin?.state !== "changed" && pin?.state !== "pending") return;
  const what =
    pin.state === "changed"
      ? `"${tool}" of ${upstream} is not what it was when it was approved`
      : `"${tool}" is new on ${upstream} and not approved yet`;
  throw new IntegrityError(
    "pin_changed",
    `${what}; look at it with get_schema, then approve it by adding "${tool}": "${pin.current}" to mcpServers.${upstream}.pins`,
    { data: { upstream, tool, state: pin.state, approved: pin.approved, current: pin.current } },
  );
}

/** One sentence for the status, or nothing when all is as approved. */
export function pinWarning(book: PinBook | undefined): string | undefined {
  const namesOf = (wanted: PinState): string[] =>
    [...(book ?? [])].filter(([, { state }]) => state === wanted).map(([name]) => name);
  const [changed, pending] = [namesOf("changed"), namesOf("pending")];
  const parts = [
    ...(changed.length > 0 ? [`changed since they were approved: ${changed.join(", ")}`] : []),
    ...(pending.length > 0 ? [`new and not approved: ${pending.join(", ")}`] : []),
  ];
  return parts.length > 0 ? `tools ${parts.join("; ")}` : undefined;
}

const keyOf = (upstream: string): string => `upstream/${upstream}/pins`;

/** The kept book of a server; undefined when it was never seen. */
export async function readPins(store: Store, upstream: string): Promise<PinBook | undefined> {
  const bytes = await store.get(keyOf(upstream));
  if (!bytes) return undefined;
  return new Map(JSON.parse(new TextDecoder().decode(bytes)) as [string, Pin][]);
}

/** Keep the book of a server. */
export function writePins(store: Store, upstream: string, book: PinBook): Promise<void> {
  const value = new TextEncoder().encode(JSON.stringify([...book]));
  return store.write([{ key: keyOf(upstream), value }]);
}
