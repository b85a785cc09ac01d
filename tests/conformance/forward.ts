/**
 * What the suite starts as a client: hands the scenario to the client that runs already.
 *
 *     node tests/conformance/forward.ts <port of the client> <address of the suite's server>
 *
 * @module
 */

import process from "node:process";
import { NOT_OFFERED } from "./not-offered.ts";

const [port, url] = process.argv.slice(2);
const { MCP_CONFORMANCE_SCENARIO: scenario, MCP_CONFORMANCE_CONTEXT: context = "{}" } = process.env;
// The suite starts these all the same; what comes of them is not looked at.
if (NOT_OFFERED.has(String(scenario))) process.exit(1);
const job = { url, scenario, context: JSON.parse(context) };
const response = await fetch(`http://127.0.0.1:${port}`, {
  method: "POST",
  body: JSON.stringify(job),
});
const failures: readonly string[] = await response.json();
for (const failure of failures) console.error(failure);
process.exitCode = failures.length > 0 ? 1 : 0;
