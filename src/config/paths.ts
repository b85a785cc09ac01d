/** Paths as people write them in a configuration, made absolute without asking a host. @module */

/** Name of the store's file in the data folder. */
export const STORE_FILE: string = "store.sqlite";

/** Name of the file that holds the queues. */
export const QUEUE_FILE: string = "queue.sqlite";

/** Name of the file that holds the key of a server, in the data folder. */
export const IDENTITY_FILE: string = "identity.pem";

const isAbsolute = (path: string): boolean => /^(?:[/\\]|[A-Za-z]:[/\\])/.test(path);

/** The folder that holds `path`; the path must be absolute. */
export function folderOf(path: string): string {
  const cut = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return cut <= 0 ? "/" : path.slice(0, cut);
}

/** `base/name`, with one separator. */
export function joinPath(base: string, name: string): string {
  return `${base.replace(/[/\\]+$/, "")}/${name}`;
}

/** This user's home folder, where the environment names one. */
export function homeOf(environment: Readonly<Record<string, string>>): string | undefined {
  return environment.HOME ?? environment.USERPROFILE;
}

/** Without `.`, `..` and doubled separators, so that two spellings of a path compare equal. */
function normalized(path: string): string {
  const root = /^(?:[A-Za-z]:)?[/\\]{1,2}/.exec(path)?.[0] ?? "";
  const parts: string[] = [];
  for (const part of path.slice(root.length).split(/[/\\]+/)) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return root + parts.join("/");
}

/** `path` as absolute: `~` is the home folder, anything relative starts at `base`. */
export function absolutePath(path: string, base: string, home: string | undefined): string {
  const isHome = path === "~" || /^~[/\\]/.test(path);
  if (isHome && home !== undefined) return normalized(joinPath(home, path.slice(2)));
  return normalized(isAbsolute(path) ? path : joinPath(base, path));
}
