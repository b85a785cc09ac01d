/** Isolates have no sockets to join a mesh with. @module */

import type { LoadMesh } from "../src/mod.ts";

export const loadMesh: LoadMesh | undefined = undefined;
