/** Category `p2p_bootstrap`: addresses by which a server first finds the mesh. @module */

import type { Tool } from "../../src/tool.ts";
import { bootstrapFromEnv } from "./from-env.ts";
import { bootstrapFromFile } from "./from-file.ts";
import { bootstrapFromPublic } from "./from-public.ts";
import { bootstrapList } from "./list.ts";

/** The tools of the category `p2p_bootstrap`. */
export const tools: readonly Tool[] = [
  bootstrapFromFile,
  bootstrapFromEnv,
  bootstrapFromPublic,
  bootstrapList,
];
