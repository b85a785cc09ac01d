/** `mcpp identity`: who this server is in the mesh; its key out and in. @module */

import { absolutePath, homeOf, IDENTITY_FILE, joinPath } from "../../config/paths.ts";
import { InputError } from "../../errors.ts";
import { createIdentity, type Identity, seedFromPem } from "../../mesh/identity.ts";
import { formatMode, loadIdentity, readIdentity, writeIdentity } from "../../mesh/identity-file.ts";
import { tilde } from "../banner.ts";
import type { CliContext } from "../context.ts";
import type { AppFlags } from "../flags.ts";
import type { ExportFlags, ImportFlags } from "../mesh-routes.ts";
import { readConfig } from "../open-app.ts";
import { readInput } from "../read-input.ts";

/** The file of the identity that the flags describe. */
async function pathOf(context: CliContext, flags: AppFlags): Promise<string> {
  const { loaded } = await readConfig(context, flags);
  return joinPath(loaded.config.dataDir, IDENTITY_FILE);
}

/** `mcpp identity show`: made where there is none yet, so that it can go into others' allow lists. */
export async function showIdentity(this: CliContext, flags: AppFlags): Promise<void> {
  const { host, needs, output } = this;
  const loaded = await loadIdentity(host.files, await pathOf(this, flags), needs.randomBytes);
  const { path, isNew, warning } = loaded;
  const { peer, did } = loaded.identity;
  if (warning !== undefined) await output.talk(`${output.style.yellow("note")}: ${warning}`);
  const mode = (await host.files.stat(path))?.mode;
  if (flags.json) return output.json({ peer, did, path, mode: formatMode(mode), isNew });
  const file = tilde(path, host.environment());
  const row = (label: string, value: string): string => `${output.style.bold(label)}  ${value}`;
  await output.result(
    [row("Peer", peer), row("DID ", did), row("File", `${file} (mode ${formatMode(mode)})`)].join(
      "\n",
    ),
  );
  if (isNew) await output.talk("made just now: this data folder had none");
}

/** `mcpp identity export`. */
export async function exportIdentity(this: CliContext, flags: ExportFlags): Promise<void> {
  const { host, output } = this;
  const path = await pathOf(this, flags);
  const known = await readIdentity(host.files, path);
  if (!known) {
    const message = `There is no identity in ${path} yet: mcpp identity makes one`;
    throw new InputError("not_found", message, { data: { path } });
  }
  const { identity } = known;
  if (flags.out === undefined) {
    const pem = identity.exportPem();
    await (flags.json ? output.json({ peer: identity.peer, pem }) : output.raw(pem));
    if (output.isInteractive) {
      await output.talk("This is the secret key: who has it is this server to every peer.");
    }
    return;
  }
  const out = absolutePath(flags.out, host.workingFolder, homeOf(host.environment()));
  if (await host.files.stat(out)) {
    const message = `${out} exists already: name another file for --out, or remove it first`;
    throw new InputError("invalid_input", message, { data: { path: out } });
  }
  await writeIdentity(host.files, out, identity);
  if (flags.json) return output.json({ peer: identity.peer, path: out });
  await output.result(`${out} holds the secret key of ${identity.peer}`);
}

/** `mcpp identity import <file>`. */
export async function importIdentity(
  this: CliContext,
  flags: ImportFlags,
  source: string,
): Promise<void> {
  const { output } = this;
  const path = await pathOf(this, flags);
  const identity = await createIdentity(seedFromPem(await readSource(this, source)));
  const { peer } = identity;
  const kept = await replace(this, path, identity, flags.force);
  if (flags.json) return output.json({ peer, path, kept: kept ?? null });
  await output.result(`This server is ${peer} from its next start on`);
  if (kept !== undefined) await output.talk(`the old identity is in ${kept}`);
}

/** Put the identity in its place; tells where the old one went, if there was another. */
async function replace(
  { host: { files } }: CliContext,
  path: string,
  identity: Identity,
  isForced: boolean,
): Promise<string | undefined> {
  if ((await files.stat(path)) === undefined) {
    await writeIdentity(files, path, identity);
    return undefined;
  }
  const text = await new Response(await files.read(path)).text();
  const old = await peerIn(text);
  if (old === identity.peer) {
    await writeIdentity(files, path, identity);
    return undefined;
  }
  if (!isForced) {
    const what = old === undefined ? "a file that is no key" : `another identity, ${old}`;
    const message = `${path} holds ${what}: --force replaces it and keeps the old file beside it`;
    throw new InputError("invalid_input", message, { data: { path, ...(old && { peer: old }) } });
  }
  const kept = path.replace(/\.pem$/, `-${old ?? "unreadable"}.pem`);
  await new Blob([text]).stream().pipeTo(await files.write(kept, { isPrivate: true }));
  await writeIdentity(files, path, identity);
  return kept;
}

/** The peer whose key a text is; missing where it is none. */
async function peerIn(pem: string): Promise<string | undefined> {
  try {
    return (await createIdentity(seedFromPem(pem))).peer;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

async function readSource({ host }: CliContext, source: string): Promise<string> {
  if (source === "-") return readInput(host);
  const path = absolutePath(source, host.workingFolder, homeOf(host.environment()));
  return new Response(await host.files.read(path)).text();
}
