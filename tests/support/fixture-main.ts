/** The product's command line with the fixtures as its catalog: `fixture-main.ts [--set=key=value …]` speaks MCP on stdio. @module */

import { host } from "#host";
import { createApp } from "../../src/app.ts";
import { runCli } from "../../src/cli/main.ts";
import { createMemoryStore } from "../../src/storage/memory-store.ts";
import { createFixtures, grownCategory } from "./fixtures.ts";

const fixtures = createFixtures();
const code = await runCli(
  { ...host, args: ["stdio", ...host.args], openStore: async () => createMemoryStore() },
  {
    version: "0.0.0-test",
    async createApp(options) {
      const app = await createApp({ ...options, catalog: fixtures.categories });
      fixtures.grow = () => app.registry.put(grownCategory);
      return app;
    },
    uptimeMs: () => performance.now(),
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  },
);
host.exit(code);
