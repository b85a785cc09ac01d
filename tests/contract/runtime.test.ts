/** Both runtimes keep their contract: this process, and a peer of a mesh. @module */

import { openHarness } from "../support/harness.ts";
import { openPair } from "../support/mesh-app.ts";
import { testRuntime } from "./runtime.ts";

testRuntime("here", async (t) => {
  const { app, fixtures } = await openHarness(t);
  return { fixtures, call: app.call };
});

testRuntime("at a peer", async (t) => {
  const [here, { fixtures }] = await openPair(t);
  return { fixtures, call: (call) => here.app.call({ ...call, category: "peer:there" }) };
});
