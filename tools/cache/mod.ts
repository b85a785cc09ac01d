/** Category `cache`: JSON values by key, bounded, durable, with a time to live. @module */

import type { Tool } from "../../src/tool.ts";
import { cacheDelete } from "./delete.ts";
import { cacheGet } from "./get.ts";
import { cacheList } from "./list.ts";
import { cacheSet } from "./set.ts";
import { cacheStats } from "./stats.ts";

export const tools: readonly Tool[] = [cacheGet, cacheSet, cacheDelete, cacheList, cacheStats];
