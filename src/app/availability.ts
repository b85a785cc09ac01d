/** Which categories are there, by what of the server is on. @module */

import { createAbsentCategory } from "../registry/absent-category.ts";
import type { Category } from "../registry/category.ts";
import type { Foundation } from "./foundation.ts";
import type { MeshSlot } from "./mesh.ts";

/** The category that `features.workflow` switches. */
const WORKFLOWS = "p2p_workflow";

/** A category of the mesh is there when the mesh is, and workflows unless they are switched off. */
export function withAvailability(
  category: Category,
  mesh: MeshSlot,
  { config }: Foundation,
): Category {
  if (category.name === WORKFLOWS && !config().features.workflow) {
    const reason = "features.workflow is off: set it to true to have workflows";
    return { ...createAbsentCategory({ ...category, reason }), runtime: category.runtime };
  }
  const isOfMesh = category.runtime === "mesh" && !category.availability && !mesh.home;
  return isOfMesh ? { ...category, availability: () => mesh.availability() } : category;
}
