/** The mesh of hosts that have sockets. @module */

import type { LoadMesh } from "../src/mod.ts";

/** Loads what starts a mesh; libp2p is large, so only who joins one pays for it. */
export const loadMesh: LoadMesh | undefined = () => import("../src/app/server-mesh.ts");
