/** The command line of `mcpp`: words in, exit code out. @module */

import { proposeCompletions, run, type StricliProcess } from "@stricli/core";
import type { Host } from "../host.ts";
import { buildCli } from "./application.ts";
import { formatProposals } from "./completion/proposals.ts";
import { COMPLETE_COMMAND } from "./completion/scripts.ts";
import type { CliContext, CliNeeds } from "./context.ts";
import { createOutput } from "./output.ts";
import { EXIT, errorJson, exitCodeOf, formatError } from "./report.ts";

export type { CliNeeds, CreateAppOptions } from "./context.ts";

const ASKS_ABOUT: ReadonlySet<string> = new Set([
  ...["-h", "--help", "-H", "--help-all"],
  ...["-v", "--version"],
]);

/** What a command does that is named without its own ones. */
const DEFAULTS: ReadonlyMap<string, string> = new Map([
  ["peers", "list"],
  ["tasks", "list"],
  ["workflow", "list"],
  ["identity", "show"],
]);

/**
 * `mcpp` alone, or with flags only, serves; `mcpp peers` lists. stricli's own way, `defaultCommand`,
 * hides the other commands from completion.
 */
function withDefaultCommand(words: readonly string[]): readonly string[] {
  const isNamed = (word: string | undefined): boolean =>
    word !== undefined && (!word.startsWith("-") || ASKS_ABOUT.has(word));
  const [first = "", second] = words;
  if (!isNamed(words[0])) return ["serve", ...words];
  const chosen = DEFAULTS.get(first);
  return chosen === undefined || isNamed(second) ? words : [first, chosen, ...words.slice(1)];
}

/** stricli writes without waiting and before or after a command; its words are kept until the end. */
interface Said {
  readonly process: StricliProcess;
  flush(): Promise<void>;
}

function createProcess({ terminal }: Host, hasColour: boolean): Said {
  const said: (() => Promise<void>)[] = [];
  return {
    process: {
      stdout: {
        write: (text) => said.push(() => terminal.print(text)),
        getColorDepth: () => (hasColour ? 8 : 1),
      },
      stderr: { write: (text) => said.push(() => terminal.printError(text)) },
    },
    async flush() {
      for (const say of said.splice(0)) await say();
    },
  };
}

/** stricli's own codes are negative: what it could not read is a fault of usage. */
function exitCodeFrom(code: unknown): number {
  if (typeof code !== "number") return EXIT.ok;
  return code === -4 || code === -5 ? EXIT.usage : code < 0 ? EXIT.bug : code;
}

/** Run the command that the host's arguments name; resolves to the exit code. */
export async function runCli(host: Host, needs: CliNeeds): Promise<number> {
  const output = createOutput(host.terminal, host.environment());
  const hasColour = output.style.bold("") !== "";
  const { process, flush } = createProcess(host, hasColour);
  const context: CliContext = { process, host, needs, output };
  const wantsJson = host.args.slice(0, lastFlagOf(host.args)).includes("--json");
  const report = (error: unknown): string =>
    wantsJson ? errorJson(error) : formatError(error, output.style);
  const cli = buildCli(needs.version, report);
  if (host.args[0] === COMPLETE_COMMAND) {
    const proposals = await propose(cli, host.args.slice(2), context);
    await host.terminal.print(proposals);
    return EXIT.ok;
  }
  try {
    await run(cli, withDefaultCommand(host.args), context);
    return exitCodeFrom(process.exitCode);
  } catch (error) {
    process.stderr.write(`${report(error)}\n`);
    return exitCodeOf(error);
  } finally {
    await flush();
  }
}

/** Words after `--` are no flags. */
function lastFlagOf(words: readonly string[]): number {
  const end = words.indexOf("--");
  return end < 0 ? words.length : end;
}

async function propose(
  cli: ReturnType<typeof buildCli>,
  words: readonly string[],
  context: CliContext,
): Promise<string> {
  try {
    return formatProposals(await proposeCompletions(cli, words, context));
  } catch {
    // A broken configuration must not write into the line that somebody is typing; every other
    // command tells of it.
    return "";
  }
}
