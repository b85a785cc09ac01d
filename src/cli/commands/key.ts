/** `mcpp key`: make API keys, which the server knows by their hash alone. @module */

import { createApiKey, hashApiKey } from "../../auth/api-keys.ts";
import { InputError } from "../../errors.ts";
import type { CliContext } from "../context.ts";
import type { CommonFlags } from "../flags.ts";
import type { KeyFlags } from "../key-routes.ts";
import { readInput } from "../read-input.ts";

/** `mcpp key create`. */
export async function createKey(this: CliContext, flags: KeyFlags): Promise<void> {
  const { needs, output } = this;
  const { id, access, category = [], ability = [], expiresAt } = flags;
  if (expiresAt !== undefined && Number.isNaN(Date.parse(expiresAt))) {
    const message = `--expires-at takes a time such as 2027-01-31T00:00:00Z, and got "${expiresAt}"`;
    throw new InputError("invalid_input", message);
  }
  const { key, hash } = createApiKey(id, (length) => needs.randomBytes(length));
  const entry = {
    id,
    hash,
    categories: category.length > 0 ? category : "*",
    access,
    ...(ability.length > 0 && { abilities: ability }),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
  };
  if (flags.json) return output.json({ key, entry });
  await output.result(key);
  await output.talk(
    [
      "",
      "This is the only time that the key is shown. Its entry for the configuration:",
      "",
      "auth:",
      "  keys:",
      `    - ${JSON.stringify(entry)}`,
    ].join("\n"),
  );
}

/** `mcpp key hash <key>`. */
export async function hashKey(this: CliContext, flags: CommonFlags, given: string): Promise<void> {
  const key = given === "-" ? (await readInput(this.host)).trim() : given;
  if (key === "") throw new InputError("invalid_input", "There is no key to hash: it is empty");
  const hash = hashApiKey(key);
  await (flags.json ? this.output.json({ hash }) : this.output.result(hash));
}
