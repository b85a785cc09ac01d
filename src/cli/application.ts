/** The command line: all commands under one name, with our words for what goes wrong. @module */

import { type Application, buildApplication, buildRouteMap, text_en } from "@stricli/core";
import { InputError, messageOf } from "../errors.ts";
import type { CliContext } from "./context.ts";
import { key } from "./key-routes.ts";
import { identity, peers } from "./mesh-routes.ts";
import { exitCodeOf } from "./report.ts";
import { call, completion, config, doctor, schema, serve, stdio, tools } from "./routes.ts";
import { tasks } from "./task-routes.ts";
import { worker } from "./worker-route.ts";
import { workflow } from "./workflow-routes.ts";

/** What somebody typed is not a command of ours. */
function usageError(message: string, nearest: readonly string[], help: string): InputError {
  return new InputError("invalid_input", message, { data: { nearest, help } });
}

/** The command line of this version. */
export function buildCli(
  version: string,
  report: (error: unknown) => string,
): Application<CliContext> {
  const root = buildRouteMap<string, CliContext>({
    routes: {
      serve,
      stdio,
      tools,
      schema,
      call,
      tasks,
      workflow,
      worker,
      peers,
      identity,
      config,
      doctor,
      key,
      completion,
    },
    docs: {
      brief: "One MCP server for many tools",
      fullDescription:
        "One MCP server: built-in tools, other MCP servers and peers behind four meta-tools.\nExit codes: 0 ok, 1 bug, 2 usage, 3 auth, 4 unreachable, 5 tool error or unknown tool, 6 not found, 7 timeout.",
    },
  });
  return buildApplication(root, {
    name: "mcpp",
    determineExitCode: exitCodeOf,
    versionInfo: { currentVersion: version },
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    documentation: { onlyRequiredInUsageLine: true, caseStyle: "convert-camel-to-kebab" },
    localization: {
      text: {
        ...text_en,
        noCommandRegisteredForInput: ({ input, corrections }) =>
          report(
            usageError(
              `There is no command "${input}"`,
              corrections.map((name) => name.replaceAll("`", "")),
              "mcpp --help",
            ),
          ),
        exceptionWhileParsingArguments: (error) =>
          report(usageError(messageOf(error), [], "mcpp --help, or --help after a command")),
        exceptionWhileRunningCommand: report,
        exceptionWhileLoadingCommandFunction: report,
        exceptionWhileLoadingCommandContext: report,
        commandErrorResult: report,
      },
    },
  });
}
