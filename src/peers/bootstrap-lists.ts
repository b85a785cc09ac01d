/** Lists of addresses by which a server first finds the mesh: settings, a file, the environment, public nodes. @module */

import { InputError } from "../errors.ts";
import type { FileSystem } from "../host.ts";
import type { Files } from "../registry/context.ts";
import type { BootstrapReport, PeerSource } from "../registry/peers.ts";
import type { CheckedAddress } from "./addresses.ts";
import { parseAddressList } from "./addresses.ts";
import { PUBLIC_NODES } from "./public-nodes.ts";
import type { DiscoverySource, PeerSighting } from "./source.ts";

/** The variable that is read where no other is named. */
export const BOOTSTRAP_VARIABLE = "MCPP_BOOTSTRAP";

/** The file that is read where no other is named, in the data directory. */
export const BOOTSTRAP_FILE = "peers.txt";

/** Only such variables are read: a tool must not become a way to read secrets. */
const VARIABLE = /^[A-Z][A-Z0-9_]*_(BOOTSTRAP|PEERS)$/;

/** Ten thousand addresses; longer files are something else. */
const MAX_FILE_BYTES: number = 1024 * 1024;

/** Where the lists are. */
export interface BootstrapListNeeds {
  /** The setting `mesh.bootstrap`. */
  readonly configured: () => readonly string[];
  readonly environment: () => Readonly<Record<string, string | undefined>>;
  /** The path of {@link BOOTSTRAP_FILE}. */
  readonly defaultFile: string;
  /** The host's files, for the default file; missing where a host has none. */
  readonly hostFiles?: Pick<FileSystem, "stat" | "read">;
  /** Files under the configured roots, for files that a caller names. */
  readonly rootedFiles: Pick<Files, "read" | "sizeBytes">;
}

/** A list and where it was read. */
export interface BootstrapList {
  readonly from: string;
  readonly addresses: readonly CheckedAddress[];
}

/** What is to be read. */
export interface ReadOptions {
  readonly path?: string | undefined;
  readonly name?: string | undefined;
}

/** Reads lists of addresses. */
export type ReadBootstrapList = (
  source: BootstrapReport["source"],
  options?: ReadOptions,
) => Promise<BootstrapList>;

/** A reader of these lists. */
export function createBootstrapLists(needs: BootstrapListNeeds): ReadBootstrapList {
  return async (source, { path, name = BOOTSTRAP_VARIABLE } = {}) => {
    switch (source) {
      case "config": {
        const text = needs.configured().join("\n");
        return { from: "mesh.bootstrap", addresses: parseAddressList(text) };
      }
      case "env":
        return { from: name, addresses: parseAddressList(variable(needs, name)) };
      case "public":
        return { from: "built in", addresses: parseAddressList(PUBLIC_NODES.join("\n")) };
      case "file": {
        const text = path === undefined ? await defaultFile(needs) : await namedFile(needs, path);
        return { from: path ?? needs.defaultFile, addresses: parseAddressList(text) };
      }
    }
  };
}

function variable({ environment }: BootstrapListNeeds, name: string): string {
  if (VARIABLE.test(name)) return environment()[name] ?? "";
  throw new InputError(
    "invalid_input",
    `The variable "${name}" is not read: its name must end in _BOOTSTRAP or _PEERS, e.g. ${BOOTSTRAP_VARIABLE}`,
    { data: { name } },
  );
}

/** Nobody has to have this file. */
async function defaultFile({ defaultFile: path, hostFiles }: BootstrapListNeeds): Promise<string> {
  const info = await hostFiles?.stat(path);
  if (!hostFiles || !info) return "";
  checkSize(path, info.sizeBytes);
  return await new Response(await hostFiles.read(path)).text();
}

async function namedFile({ rootedFiles }: BootstrapListNeeds, path: string): Promise<string> {
  checkSize(path, await rootedFiles.sizeBytes(path));
  return await new Response(await rootedFiles.read(path)).text();
}

function checkSize(path: string, sizeBytes: number): void {
  if (sizeBytes <= MAX_FILE_BYTES) return;
  throw new InputError(
    "invalid_input",
    `${path} has ${sizeBytes} bytes; a list of addresses has at most ${MAX_FILE_BYTES}`,
    { data: { path, sizeBytes } },
  );
}

/** Lists as a source of discovery; what is no address is left to those who read the list itself. */
export function createListSource(
  name: PeerSource,
  read: ReadBootstrapList,
  lists: readonly BootstrapReport["source"][],
): DiscoverySource {
  return {
    name,
    async find({ limit }) {
      const found = await Promise.all(lists.map((list) => read(list)));
      const sound = found.flatMap(({ addresses }) => addresses).filter(({ fault }) => !fault);
      return sound.slice(0, limit).map(({ address, peer }): PeerSighting => {
        return { addresses: [address], ...(peer !== undefined && { peer }) };
      });
    },
  };
}
