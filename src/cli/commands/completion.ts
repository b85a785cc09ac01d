/** `mcpp completion`: print a completion script. @module */

import { SCRIPTS, type Shell } from "../completion/scripts.ts";
import type { CliContext } from "../context.ts";
import type { CommonFlags } from "../flags.ts";

/** `mcpp completion <shell>`. */
export async function completion(
  this: CliContext,
  { json }: CommonFlags,
  shell: Shell,
): Promise<void> {
  const script = SCRIPTS[shell];
  await (json ? this.output.json({ shell, script }) : this.output.raw(script));
}
