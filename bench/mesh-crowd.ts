/**
 * Peers of a server, all in this one process. Arguments: its address, and how many.
 *
 * @module
 */

import { host } from "#host";
import { bareNode } from "./mesh-nodes.ts";

const [address = "", count = "1"] = host.args;
for (let left = Number(count); left > 0; left -= 1) await (await bareNode()).connect(address);
// The harness waits for a port; a crowd listens on none.
await host.terminal.print(`${JSON.stringify({ port: 0 })}\n`);
host.stopRequested.addEventListener("abort", () => host.exit(0));
