/** The blocks of a file, each held against its own address. @module */

import { CarBufferReader } from "@ipld/car/buffer-reader";
import { decode } from "@ipld/dag-cbor";
import type { CID } from "multiformats/cid";
import * as v from "valibot";
import { IntegrityError, messageOf } from "../../errors.ts";
import { cidOf } from "../../ipld/block.ts";

/** Blocks by their CIDs; what is wrong with one is a fault, and it is not there for anything else. */
export class Blocks {
  readonly root: CID;
  readonly faults: string[] = [];
  readonly #bytes = new Map<string, Uint8Array>();
  readonly #damaged = new Set<string>();
  readonly #read = new Set<string>();

  /** The blocks of a CAR file; throws `malformed_frame` where it is none. */
  constructor(file: Uint8Array) {
    const { root, blocks } = read(file);
    this.root = root;
    for (const { cid, bytes } of blocks) {
      const name = cid.toString();
      if (cidOf(bytes).toString() === name) this.#bytes.set(name, bytes);
      else this.#damaged.add(name);
    }
  }

  get size(): number {
    return this.#bytes.size + this.#damaged.size;
  }

  has(cid: CID): boolean {
    return this.#bytes.has(cid.toString()) || this.#damaged.has(cid.toString());
  }

  /** A block of this form; where there is none, `what` tells which one that is. */
  get<T>(cid: CID, schema: v.GenericSchema<unknown, T>, what: string): T | undefined {
    const name = cid.toString();
    this.#read.add(name);
    const bytes = this.#bytes.get(name);
    if (!bytes) {
      const how = this.#damaged.has(name) ? "has other bytes than its CID says" : "is not there";
      this.faults.push(`${what} ${how}: ${name}`);
      return undefined;
    }
    try {
      return v.parse(schema, decode(bytes));
    } catch (error) {
      this.faults.push(`${what} is none (${messageOf(error)}): ${name}`);
      return undefined;
    }
  }

  /** To be called last: blocks that nothing leads to. */
  checkUnread(): void {
    for (const name of [...this.#bytes.keys(), ...this.#damaged]) {
      if (this.#read.has(name)) continue;
      const how = this.#damaged.has(name)
        ? "has other bytes than its CID says, and"
        : "is one that";
      this.faults.push(`a block ${how} nothing leads to: ${name}`);
    }
  }
}

function read(file: Uint8Array): {
  readonly root: CID;
  readonly blocks: readonly { readonly cid: CID; readonly bytes: Uint8Array }[];
} {
  try {
    const reader = CarBufferReader.fromBytes(file);
    const [root, ...more] = reader.getRoots();
    if (root && more.length === 0) return { root, blocks: reader.blocks() };
  } catch (cause) {
    const message = `This is no CAR file: ${messageOf(cause)}`;
    throw new IntegrityError("malformed_frame", message, { cause });
  }
  throw new IntegrityError("malformed_frame", "This is no proof of a run: it has not one root");
}
