import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { openSqliteStore } from "../../../../runtimes/shared/sqlite-store.ts";
import { ConflictError, IntegrityError, UnavailableError } from "../../../../src/errors.ts";
import { testStore } from "../../../contract/store.ts";
import { createTempFolder } from "../../../support/temp-folder.ts";

const folder = await createTempFolder({ after });
let count = 0;
const newPath = (): string => {
  count += 1;
  return join(folder, "deep", `${count}.sqlite`);
};

let path = "";
testStore("openSqliteStore()", {
  open: () => {
    path = newPath();
    return openSqliteStore(path);
  },
  reopen: () => openSqliteStore(path),
});

describe("openSqliteStore()", () => {
  it("loses nothing that was acknowledged when the process is killed", async () => {
    const path = newPath();
    const script = join(import.meta.dirname, "../../../support/write-and-report.ts");
    const flags = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];
    const child = spawn(process.execPath, [...flags, script, path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
    let printed = "";
    for await (const chunk of child.stdout) {
      printed += chunk;
      if (printed.split("\n").length > 50) child.kill("SIGKILL");
    }
    await ended;
    const acknowledged = printed.split("\n").filter((line) => line.length === 8);

    const store = await openSqliteStore(path);

    assert(acknowledged.length >= 50, `only ${acknowledged.length} writes were acknowledged`);
    for (const key of acknowledged) {
      assertEquals(await store.get(key), new Uint8Array(500).fill(Number(key) % 256));
    }
    await store.close();
  });

  it("lets two connections to one file see each other's writes", async () => {
    const path = newPath();
    const [one, other] = [await openSqliteStore(path), await openSqliteStore(path)];

    await Promise.all([
      one.write([{ key: "a", value: new Uint8Array([1]) }]),
      other.write([{ key: "b", value: new Uint8Array([2]) }]),
    ]);

    assertEquals(await one.get("b"), new Uint8Array([2]));
    assertEquals(await other.get("a"), new Uint8Array([1]));
    await Promise.all([one.close(), other.close()]);
  });

  it("names a file that is no database and what to do with it", async () => {
    const path = join(folder, "text.sqlite");
    await writeFile(
      path,
      "this is plain text, and long enough to be taken for a header. ".repeat(20),
    );

    const error = await assertRejects(() => openSqliteStore(path), IntegrityError, path);

    assertEquals(error.code, "store_corrupt");
  });

  it("says so when the path cannot be a file", async () => {
    const error = await assertRejects(() => openSqliteStore(folder), UnavailableError, folder);

    assertEquals(error.code, "storage_unavailable");
  });

  it("reports a lock that another connection does not give up", { timeout: 20_000 }, async () => {
    const { DatabaseSync } = await import("node:sqlite");
    const path = newPath();
    const store = await openSqliteStore(path);
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");

    const error = await assertRejects(
      () => store.write([{ key: "a", value: new Uint8Array([1]) }]),
      ConflictError,
    );

    assertEquals(error.code, "data_locked");
    other.exec("ROLLBACK");
    other.close();
    await store.write([{ key: "a", value: new Uint8Array([2]) }]);
    assertEquals(await store.get("a"), new Uint8Array([2]));
    await store.close();
  });
});
