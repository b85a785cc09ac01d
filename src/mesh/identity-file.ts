/** The key of a server in a file that only its user may read. @module */

import { IntegrityError, messageOf } from "../errors.ts";
import type { FileSystem } from "../host.ts";
import { createIdentity, type Identity, SEED_BYTES, seedFromPem } from "./identity.ts";

/** What of a host's files an identity needs. */
export type IdentityFiles = Pick<FileSystem, "stat" | "read" | "write">;

/** An identity and where it lives. */
export interface StoredIdentity {
  readonly identity: Identity;
  readonly path: string;
  /** Permission bits that the file had when it was read; missing where the system has none. */
  readonly mode?: number;
}

/** An identity that may just have been made. */
export interface LoadedIdentity extends StoredIdentity {
  readonly isNew: boolean;
  /** Something that a person should know. */
  readonly warning?: string;
}

const OTHERS = 0o077;

/** Whether somebody else on this machine may read, write or run what has these bits. */
export const isExposed = (mode: number | undefined): boolean =>
  mode !== undefined && (mode & OTHERS) !== 0;

/** The identity in a file; missing where there is no file. */
export async function readIdentity(
  files: IdentityFiles,
  path: string,
): Promise<StoredIdentity | undefined> {
  const info = await files.stat(path);
  if (!info) return undefined;
  try {
    const pem = await new Response(await files.read(path)).text();
    const identity = await createIdentity(seedFromPem(pem));
    return { identity, path, ...(info.mode !== undefined && { mode: info.mode }) };
  } catch (cause) {
    throw new IntegrityError(
      "store_corrupt",
      `The identity in ${path} cannot be used: ${messageOf(cause)}; bring a copy back with mcpp identity import, or move the file away to get a new one`,
      { cause, data: { path } },
    );
  }
}

/** Write an identity so that only this user may read it. */
export async function writeIdentity(
  files: IdentityFiles,
  path: string,
  identity: Identity,
): Promise<void> {
  const stream = new Blob([identity.exportPem()]).stream();
  await stream.pipeTo(await files.write(path, { isPrivate: true }));
}

/**
 * The identity of a server, made at its first start.
 *
 * A file that others may read is closed to them, with a warning: refusing would take the server
 * down for what only its owner can judge, whether somebody has read the key.
 */
export async function loadIdentity(
  files: IdentityFiles,
  path: string,
  randomBytes: (length: number) => Uint8Array,
): Promise<LoadedIdentity> {
  const known = await readIdentity(files, path);
  if (!known) {
    const identity = await createIdentity(randomBytes(SEED_BYTES));
    await writeIdentity(files, path, identity);
    return { identity, path, isNew: true };
  }
  if (!isExposed(known.mode)) return { ...known, isNew: false };
  await writeIdentity(files, path, known.identity);
  const warning = `${path} could be read by others on this machine (mode ${formatMode(known.mode)}) and is closed to them now; if somebody may have done so, move it away to get a new identity`;
  return { ...known, isNew: false, warning };
}

/** `0o644` → `0644`, as `ls` and `chmod` know it. */
export function formatMode(mode: number | undefined): string {
  return mode === undefined ? "unknown" : mode.toString(8).padStart(4, "0");
}
