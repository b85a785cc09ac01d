/** `mcpp doctor`: look for what is wrong, say what to do. @module */

import type { LoadedConfig } from "../../config/load.ts";
import { MeshError, messageOf } from "../../errors.ts";
import {
  checkData,
  checkHost,
  checkPeerPort,
  checkPort,
  checkQueue,
  checkRoots,
  checkUpstream,
} from "../checks.ts";
import type { CliContext } from "../context.ts";
import type { Finding } from "../finding.ts";
import type { AppFlags } from "../flags.ts";
import {
  checkClock,
  checkIdentity,
  checkMeshSwitch,
  checkNode,
  checkReach,
  checkTransports,
} from "../mesh-checks.ts";
import { withoutLog } from "../open-app.ts";
import { type ConfigAccess, openConfig } from "../open-config.ts";
import { type Output, printable } from "../output.ts";
import { EXIT, exitCodeOf } from "../report.ts";
import { unlessStopped } from "../stop-requested.ts";

/** `mcpp doctor [upstream]`. */
export async function doctor(this: CliContext, flags: AppFlags, upstream?: string): Promise<void> {
  const report = createReport(this.output, flags.json);
  if (upstream === undefined) await report.add(checkHost(this.host));
  const loaded = await checkConfig(this, flags, report);
  if (loaded && upstream === undefined) await checkMachine(this, loaded, report);
  if (loaded) await checkApp(this, loaded, upstream, report);
  await report.end();
  this.process.exitCode = report.exitCode;
}

interface Report {
  exitCode: number;
  add(finding: Finding): Promise<void>;
  end(): Promise<void>;
}

/** Every finding as soon as it is there; the findings together for a program. */
function createReport(output: Output, wantsJson: boolean): Report {
  const findings: Finding[] = [];
  const { green, yellow, red } = output.style;
  const mark = { ok: green("✓"), note: yellow("!"), fault: red("✗") } as const;
  return {
    exitCode: EXIT.ok,
    async add(finding) {
      findings.push(finding);
      if (finding.state === "fault" && this.exitCode === EXIT.ok) this.exitCode = EXIT.unreachable;
      if (wantsJson) return;
      const { name, state, detail, todo = [] } = finding;
      const lines = [
        `${mark[state]} ${name.padEnd(9)}  ${printable(detail).replaceAll("\n", "\n    ")}`,
      ];
      for (const line of todo) lines.push(`    → ${printable(line)}`);
      await output.result(lines.join("\n"));
    },
    async end() {
      const healthy = findings.every(({ state }) => state !== "fault");
      if (wantsJson) await output.json({ healthy, findings });
    },
  };
}

async function checkConfig(
  { host }: CliContext,
  flags: AppFlags,
  report: Report,
): Promise<LoadedConfig | undefined> {
  let access: ConfigAccess;
  try {
    access = await openConfig(host, flags);
    const loaded = await access.load();
    const detail = access.path ?? "no file: defaults, environment and flags";
    await report.add({ name: "config", state: "ok", detail });
    for (const warning of loaded.warnings) {
      await report.add({ name: "config", state: "note", detail: warning });
    }
    return loaded;
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    const todo = ["correct it; mcpp config --schema prints what an editor needs to help"];
    await report.add({ name: "config", state: "fault", detail: error.message, todo });
    report.exitCode = exitCodeOf(error);
    return undefined;
  }
}

async function checkMachine(
  { host }: CliContext,
  loaded: LoadedConfig,
  report: Report,
): Promise<void> {
  const { config } = loaded;
  await report.add(await checkData(host, config));
  await report.add(await checkQueue(host, config));
  for (const finding of await checkRoots(host, config)) await report.add(finding);
  const port = await checkPort(host, config);
  await report.add(port);
  const off = checkMeshSwitch(loaded);
  if (off) return report.add(off);
  await report.add(await checkIdentity(host, config));
  // Where the server runs already, the other ports are its own.
  if (port.state === "ok") await report.add(await checkPeerPort(host, config));
  await report.add(checkReach(config));
  for (const finding of await checkTransports(host, config)) await report.add(finding);
  for (const finding of await checkClock(config, () => Date.now())) await report.add(finding);
}

/** The asker's own doing; whatever else stops the app is a finding. */
const NO_FINDING: ReadonlySet<string> = new Set(["unknown_upstream", "cancelled"]);

/** What shows only while it runs: the mesh, as a client that takes no port, and mounted servers. */
async function checkApp(
  { host, needs }: CliContext,
  loaded: LoadedConfig,
  only: string | undefined,
  report: Report,
): Promise<void> {
  const names = Object.entries(loaded.config.mcpServers).filter(
    ([, { disabled }]) => disabled !== true,
  );
  const wanted = only === undefined ? names.map(([name]) => name) : [only];
  const hasMesh = only === undefined && loaded.config.features.mesh;
  if (wanted.length === 0 && !hasMesh) return;
  try {
    const config = withoutLog(loaded);
    const reload = async (): Promise<LoadedConfig> => loaded;
    const place = hasMesh ? ({ meshRole: "client", isGuest: true } as const) : {};
    await using app = await needs.createApp({ host, ...loaded, config, reload, ...place });
    const findings = hasMesh ? checkNode(app, host.stopRequested) : Promise.resolve([]);
    for (const finding of await unlessStopped(host, findings)) await report.add(finding);
    for (const name of wanted) {
      await report.add(await unlessStopped(host, checkUpstream(app, name)));
    }
  } catch (error) {
    const isFinding = error instanceof MeshError && !NO_FINDING.has(error.code);
    if (!isFinding) throw error;
    await report.add({ name: "app", state: "fault", detail: messageOf(error) });
  }
}
