/** The name of a mounted server, as the tools that act on one take it. @module */

import * as v from "valibot";
import { InputError, nearest, type ToolContext } from "../../src/tool.ts";

/** A name under `mcpServers`. */
export const nameSchema: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(200),
  v.description("Name of the server under mcpServers"),
);

/** Throws `unknown_upstream` with the nearest names unless a server of this name is mounted. */
export function mustBeMounted(name: string, admin: ToolContext["admin"]): void {
  const names = admin.upstreams().map((upstream) => upstream.name);
  if (names.includes(name)) return;
  const near = nearest(name, names);
  const known = names.length > 0 ? `there are ${names.join(", ")}` : "no server is mounted";
  const hint = near.length > 0 ? `did you mean ${near.join(" or ")}?` : known;
  throw new InputError("unknown_upstream", `There is no mounted server "${name}": ${hint}`, {
    data: { path: "/name", upstream: name, nearest: near },
  });
}
