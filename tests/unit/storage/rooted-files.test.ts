import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { processFiles } from "../../../runtimes/shared/files.ts";
import { AuthError, InputError } from "../../../src/errors.ts";
import type { Files } from "../../../src/registry/context.ts";
import { createRootedFiles } from "../../../src/storage/rooted-files.ts";
import { type Cleanup, createTempFolder } from "../../support/temp-folder.ts";

interface Scene {
  readonly files: Files;
  readonly outside: string;
  readonly root: string;
}

async function createScene(t: Cleanup): Promise<Scene> {
  const folder = await createTempFolder(t);
  const root = join(folder, "root");
  await mkdir(join(root, "sub"), { recursive: true });
  await mkdir(join(folder, "root-sibling"));
  await writeFile(join(folder, "root-sibling", "secret.txt"), "secret");
  await writeFile(join(root, "notes.txt"), "hello");
  return { files: createRootedFiles(processFiles, [root]), outside: folder, root };
}

describe("createRootedFiles()", () => {
  it("reads and writes by relative and by absolute path", async (t) => {
    const { files, root } = await createScene(t);

    const writer = (await files.write("sub/new.txt")).getWriter();
    await writer.write(new TextEncoder().encode("written"));
    await writer.close();

    assertEquals(await files.sizeBytes("notes.txt"), 5);
    assertEquals(await files.sizeBytes(join(root, "sub", "new.txt")), 7);
    assertEquals(await new Response(await files.read("./sub/new.txt")).text(), "written");
  });

  it("refuses every way out of its folders", async (t) => {
    const { files, outside, root } = await createScene(t);
    const secret = join(outside, "root-sibling", "secret.txt");
    await symlink(join(outside, "root-sibling"), join(root, "folder-link"));
    await symlink(secret, join(root, "file-link"));
    await symlink(join(outside, "not-yet"), join(root, "dangling-link"));
    const ways = [
      secret,
      "../root-sibling/secret.txt",
      "sub/../../root-sibling/secret.txt",
      "..\\root-sibling\\secret.txt",
      `${root}/../root-sibling/secret.txt`,
      "folder-link/secret.txt",
      "file-link",
      "dangling-link",
      "/etc/passwd",
      "",
      "notes.txt\0.csv",
    ];

    for (const way of ways) {
      const read = await assertRejects(() => files.read(way), AuthError, root);
      const write = await assertRejects(() => files.write(way), AuthError, root);
      const size = await assertRejects(() => files.sizeBytes(way), AuthError, root);
      assertEquals([read.code, write.code, size.code], Array(3).fill("forbidden_path"));
    }
  });

  it("follows a link that stays inside", async (t) => {
    const { files, root } = await createScene(t);
    await symlink(join(root, "notes.txt"), join(root, "sub", "link.txt"));

    assertEquals(await files.sizeBytes("sub/link.txt"), 5);
  });

  it("accepts any of several roots, also one that is itself a link", async (t) => {
    const { outside, root } = await createScene(t);
    await symlink(join(outside, "root-sibling"), join(outside, "alias"));
    const files = createRootedFiles(processFiles, [root, join(outside, "alias")]);

    assertEquals(await files.sizeBytes(join(outside, "alias", "secret.txt")), 6);
    assertEquals(await files.sizeBytes(join(outside, "root-sibling", "secret.txt")), 6);
  });

  it("names the nearest files where one is missing", async (t) => {
    const { files } = await createScene(t);

    const error = await assertRejects(() => files.read("note.txt"), InputError, "notes.txt");

    assertEquals(error.code, "not_found");
    await assertRejects(() => files.sizeBytes("note.txt"), InputError, "notes.txt");
    await assertRejects(() => files.sizeBytes("sub"), InputError, "is a folder");
  });

  it("says which setting opens a folder when none is open", async () => {
    const files = createRootedFiles(processFiles, []);

    const error = await assertRejects(() => files.read("notes.txt"), AuthError, '"roots"');

    assertStringIncludes(error.message, "--root");
  });

  it("knows paths of Windows", async () => {
    const real = "C:\\data\\in.csv";
    const fs = {
      ...processFiles,
      realPath: async (path: string) => (path === "C:\\data" ? path : real),
      stat: async () => ({ kind: "file", sizeBytes: 3, modifiedAt: new Date(0) }) as const,
    };

    assertEquals(await createRootedFiles(fs, ["C:\\data"]).sizeBytes("in.csv"), 3);
    await assertRejects(
      () =>
        createRootedFiles({ ...fs, realPath: async (path) => path }, ["C:\\data"]).read(
          "C:\\data2\\x",
        ),
      AuthError,
    );
  });
});
