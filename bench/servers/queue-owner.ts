/** A server of the mesh whose queue peers submit to; nobody works it. @module */

import { host } from "#host";
import { catalog } from "../../tools/mod.ts";
import { adder, startApp } from "../mesh-app.ts";

const queue = catalog.filter(({ name }) => name === "p2p_taskqueue");
const app = await startApp({
  name: "owner",
  catalog: [...queue, adder("add")],
  place: { meshRole: "server" },
  hasTcp: true,
  mesh: { allow: [{ peer: "*", tools: [], categories: ["p2p_taskqueue"], abilities: [] }] },
});
const [address = ""] = app.mesh.peers?.self().addresses ?? [];
const port = Number(/\/tcp\/(\d+)/.exec(address)?.[1]);
await host.terminal.print(`${JSON.stringify({ port, address })}\n`);
host.stopRequested.addEventListener("abort", () => host.exit(0));
