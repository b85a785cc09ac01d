/** {@link Files} for tools: nothing outside the configured folders can be named. @module */

import { AuthError, InputError, MeshError } from "../errors.ts";
import type { FileSystem } from "../host.ts";
import { nearest } from "../nearest.ts";
import type { Files } from "../registry/context.ts";

const isAbsolute = (path: string): boolean => /^([/\\]|[A-Za-z]:)/.test(path);

/** The files of `fs` under `roots`, absolute folders; relative paths start at the first. */
export function createRootedFiles(
  fs: Pick<FileSystem, "stat" | "realPath" | "read" | "write" | "list">,
  roots: readonly string[],
): Files {
  /** The real path, which holds neither links nor `..`, if it is under a root. */
  async function admit(path: string): Promise<string> {
    const [first] = roots;
    if (first === undefined) {
      throw new AuthError(
        "forbidden_path",
        `No folder is open to tools, so ${path} cannot be used: set "roots" in the configuration, or start with --root <folder>`,
        { data: { path, roots } },
      );
    }
    const isMalformed = path === "" || path.includes("\0") || path.split(/[/\\]/).includes("..");
    if (isMalformed) throw forbidden(path, 'is empty, or holds ".." or a zero byte');
    const real = await fs.realPath(isAbsolute(path) ? path : `${first}/${path}`);
    for (const root of roots) {
      if (isInside(await fs.realPath(root), real)) return real;
    }
    throw forbidden(path, "is outside");
  }

  function forbidden(path: string, why: string): AuthError {
    return new AuthError(
      "forbidden_path",
      `The path "${path}" ${why}; tools may use files in ${roots.join(", ")}`,
      { data: { path, roots } },
    );
  }

  return {
    roots,
    async sizeBytes(path) {
      const real = await admit(path);
      const info = await fs.stat(real);
      if (!info) throw await missing(fs, path, real);
      if (info.kind === "file") return info.sizeBytes;
      throw new InputError("invalid_input", `"${path}" is a folder; name a file in it`);
    },
    async read(path, range) {
      const real = await admit(path);
      try {
        return await fs.read(real, range);
      } catch (error) {
        const isMissing = error instanceof MeshError && error.code === "not_found";
        throw isMissing ? await missing(fs, path, real) : error;
      }
    },
    write: async (path) => fs.write(await admit(path)),
  };
}

/** Whether a real path is `root` or beneath it, with either kind of separator. */
function isInside(root: string, path: string): boolean {
  const folder = root.replace(/[/\\]$/, "");
  if (path === root || path === folder) return true;
  return path.startsWith(folder) && /^[/\\]/.test(path.slice(folder.length));
}

async function missing(
  fs: Pick<FileSystem, "list">,
  path: string,
  real: string,
): Promise<InputError> {
  const cut = Math.max(real.lastIndexOf("/"), real.lastIndexOf("\\"));
  const near = nearest(real.slice(cut + 1), await fs.list(real.slice(0, cut + 1)));
  const hint = near.length > 0 ? `; did you mean ${near.join(" or ")}?` : "";
  return new InputError("not_found", `There is no file "${path}"${hint}`, {
    data: { path, nearest: near },
  });
}
