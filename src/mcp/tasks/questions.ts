/** Which questions a client can be asked. @module */

import type { ClientCapabilities } from "../../registry/context.ts";
import { isFields } from "../message-kind.ts";

/** The capability that a client needs to be asked with this method. */
const CAPABILITY: ReadonlyMap<unknown, string> = new Map([
  ["elicitation/create", "elicitation"],
  ["sampling/createMessage", "sampling"],
  ["roots/list", "roots"],
]);

/** The capabilities that a client would need beyond its own to answer all of these. */
export function unanswerable(
  inputRequests: Readonly<Record<string, unknown>>,
  client: ClientCapabilities,
): ClientCapabilities | undefined {
  const needed = Object.values(inputRequests).flatMap((request) => {
    const name = isFields(request) ? CAPABILITY.get(request.method) : undefined;
    return name !== undefined && !isFields(client[name]) ? [name] : [];
  });
  return needed.length === 0 ? undefined : Object.fromEntries(needed.map((name) => [name, {}]));
}
