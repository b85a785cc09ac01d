import {
  appendFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { processFiles } from "../../../../runtimes/shared/files.ts";
import { InputError } from "../../../../src/errors.ts";
import { createTempFolder } from "../../../support/temp-folder.ts";

const bytesOf = async (stream: ReadableStream<Uint8Array>): Promise<Uint8Array> =>
  new Uint8Array(
    await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer(),
  );

describe("processFiles", () => {
  it("says what is at a path, and nothing of what is missing", async (t) => {
    const folder = await createTempFolder(t);
    await writeFile(join(folder, "a.txt"), "hello");

    assertEquals((await processFiles.stat(join(folder, "a.txt")))?.sizeBytes, 5);
    assertEquals((await processFiles.stat(folder))?.kind, "folder");
    assertEquals(await processFiles.stat(join(folder, "b.txt")), undefined);
    assertEquals(await processFiles.stat(join(folder, "a.txt", "b")), undefined);
    assertEquals(await processFiles.list(folder), ["a.txt"]);
  });

  it("reads a file of many chunks, or any part of it", async (t) => {
    const path = join(await createTempFolder(t), "big");
    const content = Uint8Array.from({ length: 1_000_000 }, (_, index) => index % 251);
    await writeFile(path, content);

    assertEquals(await bytesOf(await processFiles.read(path)), content);
    const part = { start: 262_000, end: 263_000 };
    assertEquals(
      await bytesOf(await processFiles.read(path, part)),
      content.slice(262_000, 263_000),
    );
    assertEquals((await bytesOf(await processFiles.read(path, { start: 5, end: 5 }))).length, 0);
    assertEquals(
      (await bytesOf(await processFiles.read(path, { start: 999_999, end: 2e6 }))).length,
      1,
    );
  });

  it("explains a file that is missing, and a folder where a file is needed", async (t) => {
    const folder = await createTempFolder(t);

    const missing = await assertRejects(
      () => processFiles.read(join(folder, "absent")),
      InputError,
      "There is no file",
    );
    assertEquals(missing.code, "not_found");
    await assertRejects(() => processFiles.read(folder), InputError, "is a folder");
    await assertRejects(() => processFiles.write(folder), InputError, "is a folder");
  });

  it("shows a written file only when it is whole", async (t) => {
    const folder = join(await createTempFolder(t), "made", "on the way");
    const path = join(folder, "out.txt");
    const writer = (await processFiles.write(path)).getWriter();

    await writer.write(new TextEncoder().encode("one "));
    assertEquals(await processFiles.stat(path), undefined);
    await writer.write(new TextEncoder().encode("two"));
    await writer.close();

    assertEquals(await readFile(path, "utf8"), "one two");
    assertEquals(await readdir(folder), ["out.txt"]);
  });

  it("leaves the old file and nothing else when writing is aborted", async (t) => {
    const folder = await createTempFolder(t);
    const path = join(folder, "out.txt");
    await writeFile(path, "old");
    const writer = (await processFiles.write(path)).getWriter();
    await writer.write(new TextEncoder().encode("new"));

    await writer.abort(new Error("changed my mind"));

    assertEquals(await readFile(path, "utf8"), "old");
    assertEquals(await readdir(folder), ["out.txt"]);
  });

  it("leaves nothing behind when the last step fails", async (t) => {
    const folder = await createTempFolder(t);
    const path = join(folder, "out");
    const writer = (await processFiles.write(path)).getWriter();
    await writer.write(new Uint8Array([1]));
    await mkdir(join(path, "in the way"), { recursive: true });

    await assertRejects(() => writer.close(), Error, path);

    assertEquals(await readdir(folder), ["out"]);
  });

  it("keeps the permissions of a file that it replaces", async (t) => {
    const path = join(await createTempFolder(t), "secret");
    await writeFile(path, "old", { mode: 0o600 });

    await (await processFiles.write(path)).close();

    assertEquals((await stat(path)).mode & 0o777, 0o600);
  });

  it("closes a private file to others, also one that was open to them", {
    skip: process.platform === "win32" && "Windows has no permission bits",
  }, async (t) => {
    const path = join(await createTempFolder(t), "key");
    await writeFile(path, "old", { mode: 0o644 });
    assertEquals((await processFiles.stat(path))?.mode, 0o644);

    await (await processFiles.write(path, { isPrivate: true })).close();

    assertEquals((await processFiles.stat(path))?.mode, 0o600);
  });

  it("resolves links and dots, also where the last part does not exist", async (t) => {
    const folder = await createTempFolder(t);
    await mkdir(join(folder, "real"));
    await symlink(join(folder, "real"), join(folder, "link"));
    await symlink(join(folder, "real", "later"), join(folder, "dangling"));

    assertEquals(
      await processFiles.realPath(join(folder, "link", "new")),
      join(folder, "real", "new"),
    );
    assertEquals(
      await processFiles.realPath(join(folder, "dangling")),
      join(folder, "real", "later"),
    );
    assertEquals(
      await processFiles.realPath(join(folder, "real", "..", "real")),
      join(folder, "real"),
    );
    await assertRejects(() => processFiles.realPath(join(folder, "no", "such")), InputError);
  });

  it("notices that a file was written, replaced as editors do, removed and made again", async (t) => {
    const folder = await createTempFolder(t);
    const path = join(folder, "config.json");
    await writeFile(path, "1");
    let heard: (() => void) | undefined;
    t.after(processFiles.watch(path, () => heard?.()));
    const change = async (isDone: () => Promise<boolean>, step: () => Promise<void>) => {
      const noticed = Promise.withResolvers<void>();
      // One change may be several events; the one that counts finds the file as it should be.
      heard = async () => {
        if (await isDone()) noticed.resolve();
      };
      await step();
      await noticed.promise;
    };
    const holds = (text: string) => async () =>
      (await processFiles.stat(path))?.sizeBytes === text.length;

    await change(holds("22"), () => appendFile(path, "2"));
    await change(holds("333"), async () => {
      await writeFile(join(folder, "swap"), "333");
      await rename(join(folder, "swap"), path);
    });
    await change(
      async () => (await processFiles.stat(path)) === undefined,
      () => rm(path),
    );
    await change(holds("4444"), () => writeFile(path, "4444"));
    assertEquals(await readFile(path, "utf8"), "4444");
  });

  it("is silent about other files in the folder", async (t) => {
    const folder = await createTempFolder(t);
    const path = join(folder, "config.json");
    await writeFile(path, "1");
    let count = 0;
    const seen = Promise.withResolvers<void>();
    t.after(processFiles.watch(path, () => (count += 1)));
    t.after(processFiles.watch(join(folder, "other"), () => seen.resolve()));

    await writeFile(join(folder, "other"), "anything");
    await seen.promise;

    assertEquals(count, 0);
  });
});
