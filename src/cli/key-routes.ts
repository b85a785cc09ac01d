/** The commands that make API keys. @module */

import { buildCommand, buildRouteMap, type Command, type RouteMap } from "@stricli/core";
import { proposeCategories } from "./completion/proposals.ts";
import type { CliContext } from "./context.ts";
import { type CommonFlags, commonFlags } from "./flags.ts";

/** Flags of `mcpp key create`. */
export interface KeyFlags extends CommonFlags {
  readonly id: string;
  readonly access: "read" | "write" | "destructive";
  readonly category?: readonly string[];
  readonly ability?: readonly string[];
  readonly expiresAt?: string;
}

const keyCreate: Command<CliContext> = buildCommand<KeyFlags, [], CliContext>({
  loader: async () => (await import("./commands/key.ts")).createKey,
  parameters: {
    flags: {
      ...commonFlags,
      id: {
        kind: "parsed",
        parse: String,
        brief: "Name of the key",
        placeholder: "name",
        default: "default",
      },
      access: {
        kind: "enum",
        values: ["read", "write", "destructive"],
        brief: "How far it reaches",
        default: "read",
      },
      category: {
        kind: "parsed",
        parse: String,
        proposeCompletions: proposeCategories,
        brief: "A category that it may see (repeatable; all if left out)",
        placeholder: "name",
        optional: true,
        variadic: true,
      },
      ability: {
        kind: "parsed",
        parse: String,
        brief: "A named right, such as admin (repeatable)",
        placeholder: "name",
        optional: true,
        variadic: true,
      },
      expiresAt: {
        kind: "parsed",
        parse: String,
        brief: "When it stops working, such as 2027-01-31T00:00:00Z",
        placeholder: "time",
        optional: true,
      },
    },
  },
  docs: { brief: "Make an API key: shown once, with its entry for the configuration" },
});

const keyHash: Command<CliContext> = buildCommand<CommonFlags, [key: string], CliContext>({
  loader: async () => (await import("./commands/key.ts")).hashKey,
  parameters: {
    flags: commonFlags,
    positional: {
      kind: "tuple",
      parameters: [
        { brief: "The key; - reads it from standard input", parse: String, placeholder: "key" },
      ],
    },
  },
  docs: { brief: "Print the hash of an API key" },
});

/** `mcpp key`. */
export const key: RouteMap<CliContext> = buildRouteMap({
  routes: { create: keyCreate, hash: keyHash },
  docs: { brief: "Make API keys" },
});
