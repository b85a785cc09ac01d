/** The built-in tools as a host can run them. @module */

import { loadMesh } from "#mesh";
import type { Category, EmbeddingHost, EmbedOptions } from "../src/mod.ts";
import { createAbsentCategory } from "../src/tool.ts";
import { catalog } from "../tools/mod.ts";

/** Categories whose every tool reads or writes files. */
const NEEDS_FILES: ReadonlySet<string> = new Set(["dataset"]);

const REASON = "this host has no files; call them on a server with a disk";

/** Listed as unavailable; loading it would only cost: its libraries do not even start in an isolate. */
function withoutFiles(category: Category): Category {
  return { ...createAbsentCategory({ ...category, reason: REASON }), runtime: category.runtime };
}

/** Every built-in category; those that this host cannot run answer why. */
export function builtinFor({ files }: Pick<EmbeddingHost, "files">): readonly Category[] {
  return catalog.map((category) =>
    files || !NEEDS_FILES.has(category.name) ? category : withoutFiles(category),
  );
}

/** What a server on this host is made of where its program says nothing else. */
export function partsFor(host: EmbeddingHost): Pick<EmbedOptions, "catalog" | "loadMesh"> {
  return { catalog: builtinFor(host), ...(loadMesh && { loadMesh }) };
}
