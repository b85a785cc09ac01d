// A server with a tool of your own, at http://127.0.0.1:8000/mcp. Build the package first: npm run build
//   node examples/02-your-own-tool.ts   (or: bun run, deno run -A)
// Then: curl -d '{"name":"Ada"}' -H 'content-type: application/json' http://127.0.0.1:8000/tools/greet

import { defineTool, serve } from "mcplusplus";
import * as v from "valibot";

const greet = defineTool({
  name: "greet",
  description: "Say hello to someone",
  input: v.object({ name: v.pipe(v.string(), v.minLength(1), v.description("Who to greet")) }),
  output: v.object({ greeting: v.string() }),
  annotations: { readOnlyHint: true },
  run: ({ name }) => ({ greeting: `Hello, ${name}!` }),
});

await serve({ tools: [greet] });
