/** Blocks as a file: CARv1 (https://ipld.io/specs/transport/car/carv1/). @module */

import { blockLength, createWriter, headerLength } from "@ipld/car/buffer-writer";
import type { CID } from "multiformats/cid";
import { cidOf } from "../../ipld/block.ts";

/** The file of dag-cbor blocks; one that comes twice is in it once. */
export function writeCar(root: CID, blocks: readonly Uint8Array[]): Uint8Array {
  const unique = new Map(
    blocks.map((bytes) => {
      const cid = cidOf(bytes);
      return [cid.toString(), { cid, bytes }];
    }),
  );
  const roots = [root];
  const size = [...unique.values()].reduce((sum, block) => sum + blockLength(block), 0);
  const writer = createWriter(new ArrayBuffer(headerLength({ roots }) + size), { roots });
  for (const block of unique.values()) writer.write(block);
  return writer.close();
}
