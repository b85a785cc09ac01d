/** `mcpp workflow verify`: what happened in a run, and in which order, by hashes alone. @module */

import { absolutePath, homeOf } from "../../config/paths.ts";
import { InputError } from "../../errors.ts";
import { fromBase64 } from "../../ipld/base64.ts";
import { type Verdict, verifyProof } from "../../workflow/proof/verify.ts";
import type { CliContext } from "../context.ts";
import { oneLine } from "../output.ts";
import { EXIT } from "../report.ts";
import { withServer } from "../server-access.ts";
import { formatVerdict } from "../verdict-lines.ts";
import { readDrawing } from "../workflow-answers.ts";
import type { VerifyFlags } from "../workflow-verify-route.ts";
import { placeOf } from "./tasks.ts";

/** `mcpp workflow verify [workflow]`. */
export async function verifyRun(
  this: CliContext,
  flags: VerifyFlags,
  workflowId?: string,
): Promise<void> {
  const { file } = flags;
  if ((file === undefined) === (workflowId === undefined)) {
    const message = "Name a workflow, or a CAR file with --file: one of the two is verified";
    throw new InputError("invalid_input", message);
  }
  const verdict = verifyProof(
    file === undefined ? await askFor(this, flags, workflowId) : await readFile(this, file),
  );
  this.process.exitCode = exitCodeOf(verdict);
  const { output } = this;
  if (flags.json) return output.json(verdict);
  for (const line of formatVerdict(verdict, output.style)) await output.result(line);
  if (verdict.faults.length > 0) return;
  await output.talk("whose logs these are, the heads tell: compare them with what each owner says");
}

function exitCodeOf({ faults, missing, edges }: Verdict): number {
  if (faults.length > 0) return EXIT.tool;
  const isWhole = missing.length === 0 && edges.every(({ unproven }) => unproven === undefined);
  return isWhole ? EXIT.ok : EXIT.unreachable;
}

function askFor(
  context: CliContext,
  flags: VerifyFlags,
  workflowId: string | undefined,
): Promise<Uint8Array> {
  return withServer(context, flags, async (server) => {
    const input = { ...placeOf(flags), workflowId, format: "car" };
    return fromBase64(readDrawing(await server.call("p2p_workflow_get_dag", input)));
  });
}

async function readFile({ host }: CliContext, file: string): Promise<Uint8Array> {
  const path = absolutePath(file, host.workingFolder, homeOf(host.environment()));
  if ((await host.files.stat(path))?.kind !== "file") {
    const message = `There is no file ${oneLine(file)}; mcpp workflow dag --format car --out writes one`;
    throw new InputError("invalid_input", message, { data: { file: path } });
  }
  return new Uint8Array(await new Response(await host.files.read(path)).arrayBuffer());
}
