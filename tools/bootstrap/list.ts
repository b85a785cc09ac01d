import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";
import { reportSchema } from "./report.ts";

/** Show every list of first contacts. */
export const bootstrapList: Tool = defineTool({
  name: "p2p_bootstrap_list",
  title: "List bootstrap addresses",
  description: "Show the configured first contacts, which of them are valid and which connected",
  details: "Reads mesh.bootstrap, MCPP_BOOTSTRAP and peers.txt; nothing is dialled.",
  input: v.object({}),
  output: v.object({ lists: v.array(reportSchema) }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  routing: { requiresMesh: true },
  example: {},
  async run(_, { peers, signal }) {
    const read = { isDryRun: true, limit: 1000, signal };
    const lists = ["config", "env", "file"] as const;
    return { lists: await Promise.all(lists.map((list) => peers.readBootstrap(list, read))) };
  },
});
