/** Content addresses of tool interfaces: the same contract has the same CID everywhere. @module */

import { encode } from "@ipld/dag-cbor";
import { CID } from "multiformats/cid";
import { sha256 } from "multiformats/hashes/sha2";
import type { Tool } from "./definition.ts";

/** Multicodec of dag-cbor (https://ipld.io/specs/codecs/dag-cbor/spec/). */
const DAG_CBOR = 0x71;

const known = new WeakMap<Tool, Promise<string>>();

/** JSON values only: getters run, `undefined` gone, as dag-cbor demands. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}

/** CIDv1 over name and schemas: what a caller relies on, and no wording. */
export function interfaceCid(tool: Tool): Promise<string> {
  let cid = known.get(tool);
  if (!cid) {
    const contract = {
      name: tool.name,
      input: plain(tool.inputSchema),
      output: plain(tool.outputSchema),
    };
    cid = Promise.resolve(sha256.digest(encode(contract))).then((hash) =>
      CID.createV1(DAG_CBOR, hash).toString(),
    );
    known.set(tool, cid);
  }
  return cid;
}
