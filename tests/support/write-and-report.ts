/** Child process of the crash test: writes numbered keys, and prints each that was acknowledged. @module */

import process from "node:process";
import { openSqliteStore } from "../../runtimes/shared/sqlite-store.ts";

const store = await openSqliteStore(process.argv[2] ?? "");
for (let index = 0; ; index += 1) {
  const key = String(index).padStart(8, "0");
  await store.write([{ key, value: new Uint8Array(500).fill(index % 256) }]);
  process.stdout.write(`${key}\n`);
}
