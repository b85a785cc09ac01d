/**
 * In pages, for `multiformats/basics`: the bases in which ids, certificate hashes and keys are
 * written, without those of emoji and of two, eight and ten digits.
 *
 * @module
 */

import { base16, base16upper } from "multiformats/bases/base16";
import { base32, base32upper } from "multiformats/bases/base32";
import { base36 } from "multiformats/bases/base36";
import { base58btc } from "multiformats/bases/base58";
import { base64, base64pad, base64url, base64urlpad } from "multiformats/bases/base64";
import type { MultibaseCodec } from "multiformats/bases/interface";
import * as digest from "multiformats/hashes/digest";

export { digest };

/** By the names that multibase gives them. */
export const bases: Readonly<Record<string, MultibaseCodec<string>>> = {
  ...{ base16, base16upper, base32, base32upper, base36, base58btc },
  ...{ base64, base64pad, base64url, base64urlpad },
};
