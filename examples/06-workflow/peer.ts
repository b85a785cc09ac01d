// Another server that sums up tables: its name, and the address of the one that gives it tasks.
//   node examples/06-workflow/peer.ts north /ip4/127.0.0.1/tcp/4001/p2p/12D3KooW…   (or: bun run, deno run -A)

import { join } from "node:path";
import process from "node:process";
import { serve } from "mcplusplus";

const folder = import.meta.dirname;
const [name = "", address = ""] = process.argv.slice(2);
const peer = address.split("/").at(-1) ?? "";
const tools = ["p2p_taskqueue_submit", "p2p_workflow_submit", "dataset_aggregate"];

await serve({
  port: 0,
  mesh: {
    bootstrap: address,
    tcpPort: 0,
    webRtcPort: "off",
    // Without a rule nobody's tasks are taken, and peers call nothing but what only reads.
    allow: [{ peer, tools, categories: [], abilities: [] }],
  },
  config: {
    name,
    dataDir: join(folder, "state", name),
    // The tables of its own machine, which is the same one here.
    roots: [join(folder, "data")],
  },
});
