/** Flags that several commands share. @module */

import type { FlagParametersForType } from "@stricli/core";
import type { CliContext } from "./context.ts";

/** The flag that every command has. */
export interface CommonFlags {
  readonly json: boolean;
}

/** Flags of every command that reads the configuration. */
export interface AppFlags extends CommonFlags {
  readonly config?: string;
  readonly dataDir?: string;
  readonly root?: readonly string[];
  readonly view?: string;
  readonly port?: string;
  readonly hostname?: string;
  readonly insecure?: boolean;
  readonly bootstrap?: readonly string[];
  readonly set?: readonly string[];
}

/** `--json`. */
export const commonFlags: FlagParametersForType<CommonFlags, CliContext> = {
  json: {
    kind: "boolean",
    brief: "Answer in JSON, errors included",
    default: false,
    withNegated: false,
  },
};

/** The flags of {@link AppFlags}; the values are checked with the rest of the configuration. */
export const appFlags: FlagParametersForType<AppFlags, CliContext> = {
  ...commonFlags,
  config: {
    kind: "parsed",
    parse: String,
    brief: "Configuration file (YAML or JSON)",
    placeholder: "path",
    optional: true,
  },
  dataDir: {
    kind: "parsed",
    parse: String,
    brief: "Folder for the store",
    placeholder: "path",
    optional: true,
  },
  root: {
    kind: "parsed",
    parse: String,
    brief: "Folder that tools may touch (repeatable)",
    placeholder: "path",
    optional: true,
    variadic: true,
  },
  view: {
    kind: "parsed",
    parse: String,
    proposeCompletions: () => ["meta", "flat", "hybrid"],
    brief: "What clients see: meta, flat or hybrid",
    placeholder: "view",
    optional: true,
  },
  port: {
    kind: "parsed",
    parse: String,
    brief: "TCP port; 0 takes any free one",
    placeholder: "number",
    optional: true,
  },
  hostname: {
    kind: "parsed",
    parse: String,
    brief: "Address to listen on",
    placeholder: "address",
    optional: true,
  },
  insecure: {
    kind: "boolean",
    brief: "Listen beyond this machine without authentication",
    optional: true,
    withNegated: false,
  },
  bootstrap: {
    kind: "parsed",
    parse: String,
    brief: "Multiaddr of a peer to connect to at start (repeatable)",
    placeholder: "address",
    optional: true,
    variadic: true,
  },
  set: {
    kind: "parsed",
    parse: String,
    brief: "Any setting, as key=value (repeatable)",
    placeholder: "key=value",
    optional: true,
    variadic: true,
  },
};

/** Flags of the commands that ask a running server. */
export interface ServerFlags extends AppFlags {
  readonly server?: string;
  readonly key?: string;
}

/** The flags of {@link ServerFlags}. */
export const serverFlags: FlagParametersForType<ServerFlags, CliContext> = {
  ...appFlags,
  server: {
    kind: "parsed",
    parse: String,
    brief: "The running server to ask (left out, the one of this configuration)",
    placeholder: "url",
    optional: true,
  },
  key: {
    kind: "parsed",
    parse: String,
    brief: "API key for that server (or MCPP_KEY)",
    placeholder: "key",
    optional: true,
  },
};
