// A server for report.json: the built-in tools, the filesystem server, and a tool of its own.
// Build the package first: npm run build
//   node examples/06-workflow/server.ts   (or: bun run, deno run -A)

import { join } from "node:path";
import { defineTool, serve } from "mcplusplus";
import * as v from "valibot";

const folder = import.meta.dirname;
const data = join(folder, "data");

const cell = v.nullable(v.union([v.string(), v.number()]));

const reportPage = defineTool({
  name: "report_page",
  description: "Write a page about tables in Markdown",
  input: v.object({
    title: v.string(),
    introduction: v.string(),
    tables: v.array(v.object({ rows: v.array(v.record(v.string(), cell)) })),
  }),
  output: v.object({ page: v.string() }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  run({ title, introduction, tables }) {
    const parts = tables.map(({ rows }) => {
      const columns = Object.keys(rows[0] ?? {});
      const lines = rows.map((row) => columns.map((column) => row[column] ?? "–"));
      const all = [columns, columns.map(() => "---"), ...lines];
      return all.map((line) => `| ${line.join(" | ")} |`).join("\n");
    });
    return { page: `${[`# ${title}`, introduction.trim(), ...parts].join("\n\n")}\n` };
  },
});

await serve({
  tools: [reportPage],
  // The servers of peer.ts find it here.
  mesh: true,
  config: {
    // A folder for the queue: runs go on where they were when the server starts again.
    dataDir: join(folder, "state"),
    roots: [data],
    mcpServers: {
      filesystem: {
        command: "npx",
        args: ["-y", "@modelcontextprotocol/server-filesystem", data],
      },
    },
  },
});
