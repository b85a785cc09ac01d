/** Category `dataset`: rows in JSON, NDJSON, CSV and Parquet; load, convert and query them. @module */

import type { Tool } from "../../src/tool.ts";
import { datasetAggregate } from "./aggregate.ts";
import { datasetConvert } from "./convert.ts";
import { datasetDescribe } from "./describe.ts";
import { datasetFilter } from "./filter.ts";
import { datasetJoin } from "./join.ts";
import { datasetLoad } from "./load.ts";
import { datasetSave } from "./save.ts";
import { datasetSort } from "./sort.ts";

export const tools: readonly Tool[] = [
  datasetLoad,
  datasetSave,
  datasetConvert,
  datasetDescribe,
  datasetFilter,
  datasetSort,
  datasetAggregate,
  datasetJoin,
];
