/** The commands that need an app or its configuration; the code of each is loaded when it runs. @module */

import { buildCommand, type Command } from "@stricli/core";
import { proposeCategories, proposeTools } from "./completion/proposals.ts";
import type { CliContext } from "./context.ts";
import { type AppFlags, appFlags, type CommonFlags, commonFlags } from "./flags.ts";

const toolParameter = {
  brief: "Name of a tool, or category/tool",
  parse: String,
  placeholder: "tool",
  proposeCompletions: proposeTools,
} as const;

/** Flags of `mcpp tools`. */
export interface ToolsFlags extends AppFlags {
  readonly category?: string;
  readonly limit?: string;
}

/** Flags of `mcpp call`. */
export interface CallFlags extends AppFlags {
  readonly param?: readonly string[];
  readonly params?: string;
  readonly category?: string;
  readonly peer?: string;
}

/** Flags of `mcpp config`. */
export interface ConfigFlags extends AppFlags {
  readonly explain: boolean;
  readonly schema: boolean;
  readonly check: boolean;
}

const category = {
  kind: "parsed",
  parse: String,
  proposeCompletions: proposeCategories,
  brief: "Only tools of this category",
  placeholder: "name",
  optional: true,
} as const;

const onOff = (brief: string) =>
  ({ kind: "boolean", brief, default: false, withNegated: false }) as const;

/** `mcpp serve`. */
export const serve: Command<CliContext> = buildCommand<AppFlags, [], CliContext>({
  loader: async () => (await import("./commands/serve.ts")).serve,
  parameters: { flags: appFlags },
  docs: {
    brief: "Serve MCP and REST over HTTP (what mcpp alone does)",
    fullDescription:
      "Serve MCP at /mcp and REST at /tools until the process is asked to end.\nChanges of the configuration file are applied while it runs.",
  },
});

/** `mcpp stdio`. */
export const stdio: Command<CliContext> = buildCommand<AppFlags, [], CliContext>({
  loader: async () => (await import("./commands/stdio.ts")).stdio,
  parameters: { flags: appFlags },
  docs: { brief: "Serve MCP over standard input and output, for desktop clients" },
});

/** `mcpp tools`. */
export const tools: Command<CliContext> = buildCommand<ToolsFlags, [query?: string], CliContext>({
  loader: async () => (await import("./commands/tools.ts")).tools,
  parameters: {
    flags: {
      ...appFlags,
      category,
      limit: {
        kind: "parsed",
        parse: String,
        brief: "At most so many (20 with a query, all without)",
        placeholder: "n",
        optional: true,
      },
    },
    positional: {
      kind: "tuple",
      parameters: [
        {
          brief: "What it should do, in plain words",
          parse: String,
          placeholder: "query",
          optional: true,
        },
      ],
    },
  },
  docs: { brief: "List tools, or find them by what they do" },
});

/** `mcpp schema`. */
export const schema: Command<CliContext> = buildCommand<AppFlags, [tool: string], CliContext>({
  loader: async () => (await import("./commands/schema.ts")).schema,
  parameters: { flags: appFlags, positional: { kind: "tuple", parameters: [toolParameter] } },
  docs: { brief: "Show a tool's parameters, result and an example" },
});

/** `mcpp call`. */
export const call: Command<CliContext> = buildCommand<CallFlags, [tool: string], CliContext>({
  loader: async () => (await import("./commands/call.ts")).call,
  parameters: {
    flags: {
      ...appFlags,
      param: {
        kind: "parsed",
        parse: String,
        brief: "One parameter (repeatable; read as the tool's schema wants it)",
        placeholder: "name=value",
        optional: true,
        variadic: true,
      },
      params: {
        kind: "parsed",
        parse: String,
        brief: "All parameters as a JSON object; - reads them from standard input",
        placeholder: "json",
        optional: true,
      },
      category,
      peer: {
        kind: "parsed",
        parse: String,
        brief: "Call it at this peer: its id, name or multiaddr",
        placeholder: "peer",
        optional: true,
      },
    },
    positional: { kind: "tuple", parameters: [toolParameter] },
  },
  docs: { brief: "Call a tool, here or at a peer, and print its result" },
});

/** `mcpp config`. */
export const config: Command<CliContext> = buildCommand<ConfigFlags, [], CliContext>({
  loader: async () => (await import("./commands/config.ts")).config,
  parameters: {
    flags: {
      ...appFlags,
      explain: onOff("Say of every setting what it does"),
      schema: onOff("Print the JSON Schema of the file, for editors"),
      check: onOff("Only say whether the configuration is good"),
    },
  },
  docs: { brief: "Show every setting and where its value came from" },
});

/** `mcpp doctor`. */
export const doctor: Command<CliContext> = buildCommand<AppFlags, [upstream?: string], CliContext>({
  loader: async () => (await import("./commands/doctor.ts")).doctor,
  parameters: {
    flags: appFlags,
    positional: {
      kind: "tuple",
      parameters: [
        {
          brief: "Look at this mounted server only",
          parse: String,
          placeholder: "upstream",
          optional: true,
        },
      ],
    },
  },
  docs: { brief: "Look for what is wrong, and say what to do" },
});

/** `mcpp completion`. */
export const completion: Command<CliContext> = buildCommand<
  CommonFlags,
  ["bash" | "zsh" | "fish"],
  CliContext
>({
  loader: async () => (await import("./commands/completion.ts")).completion,
  parameters: {
    flags: commonFlags,
    positional: {
      kind: "tuple",
      parameters: [
        {
          brief: "bash, zsh or fish",
          parse: readShell,
          placeholder: "shell",
          proposeCompletions: () => ["bash", "zsh", "fish"],
        },
      ],
    },
  },
  docs: {
    brief: "Print a completion script for a shell",
    fullDescription:
      "bash:  source <(mcpp completion bash)\nzsh:   source <(mcpp completion zsh)\nfish:  mcpp completion fish | source",
  },
});

function readShell(text: string): "bash" | "zsh" | "fish" {
  if (text === "bash" || text === "zsh" || text === "fish") return text;
  throw new Error(`there are scripts for bash, zsh and fish, not for "${text}"`);
}
