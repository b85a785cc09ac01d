/** A server of the mesh that takes calls of others' workflows into its queue and works them. @module */

import { host } from "#host";
import { catalog } from "../../tools/mod.ts";
import { adder, startApp } from "../mesh-app.ts";
import { FLOW_CATEGORIES, PEER_SLOTS } from "../workflow/fan-out.ts";

const app = await startApp({
  name: "peer",
  catalog: [...catalog.filter(({ name }) => FLOW_CATEGORIES.includes(name)), adder("add")],
  place: { meshRole: "server" },
  hasTcp: true,
  mesh: { allow: [{ peer: "*", tools: [], categories: FLOW_CATEGORIES, abilities: [] }] },
  slots: PEER_SLOTS,
});
const [address = ""] = app.mesh.peers?.self().addresses ?? [];
const port = Number(/\/tcp\/(\d+)/.exec(address)?.[1]);
await host.terminal.print(`${JSON.stringify({ port, address })}\n`);
host.stopRequested.addEventListener("abort", () => host.exit(0));
