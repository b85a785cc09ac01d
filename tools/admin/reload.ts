import * as v from "valibot";
import { defineTool, type Tool } from "../../src/tool.ts";

/** Read the configuration again. */
export const adminReload: Tool = defineTool({
  name: "admin_reload",
  title: "Reload the configuration",
  description: "Read the configuration again and apply what changed",
  details:
    "Mounted servers that did not change keep running. needsRestart names settings that changed " +
    "and take effect with the next start only. Needs the ability admin.",
  input: v.object({}),
  output: v.object({ changed: v.array(v.string()), needsRestart: v.array(v.string()) }),
  annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: false },
  routing: { ability: "admin" },
  example: {},
  async run(_, { admin }) {
    const { changed, needsRestart } = await admin.reload();
    return { changed: [...changed], needsRestart: [...needsRestart] };
  },
});
