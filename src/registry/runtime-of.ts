/** Where a tool wants to run: what it says itself, else what its name says. @module */

import type { RuntimeName, Tool } from "./definition.ts";

/** Tools of the mesh by their names. */
const MESH_NAMES = /^p2p_|workflow|taskqueue|peer/;

/** The tool's own metadata, `requiresMesh`, patterns of its name, then local. */
export function runtimeOf({ name, routing }: Pick<Tool, "name" | "routing">): RuntimeName {
  if (routing.runtime) return routing.runtime;
  return routing.requiresMesh || MESH_NAMES.test(name) ? "mesh" : "local";
}
