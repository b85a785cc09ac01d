/**
 * Which MCP servers are mounted: `mcpServers` in the shape of Claude Desktop, VS Code and Cursor,
 * and a few settings of our own beside it.
 *
 * `${NAME}` and `${env:NAME}` stay as they are here; `upstream/expand.ts` fills them in when the
 * server is mounted, so that one missing variable is one broken server and not a broken file.
 *
 * @module
 */

import * as v from "valibot";

/** Hints that replace what the mounted server says of a tool; `"*"` is every tool. */
export interface ToolOverride {
  readonly title?: string | undefined;
  readonly readOnlyHint?: boolean | undefined;
  readonly destructiveHint?: boolean | undefined;
  readonly idempotentHint?: boolean | undefined;
  readonly openWorldHint?: boolean | undefined;
}

/** What both kinds of server have. */
export interface ServerSettings {
  readonly disabled?: boolean | undefined;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** For one call. */
  readonly timeoutMs?: number | undefined;
  readonly startTimeoutMs?: number | undefined;
  /** Names of tools, `*` standing for anything; left out, all of them. */
  readonly tools?:
    | {
        readonly include?: readonly string[] | undefined;
        readonly exclude?: readonly string[] | undefined;
      }
    | undefined;
  readonly overrides?: Readonly<Record<string, ToolOverride>> | undefined;
  /** Tool → `sha256:…` of a definition that is approved whatever was seen first. */
  readonly pins?: Readonly<Record<string, string>> | undefined;
}

/** A server that is a program: started here, spoken to over its standard input and output. */
export interface StdioServerConfig extends ServerSettings {
  readonly type: "stdio";
  readonly command: string;
  readonly args?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  /** Variables of this process that the program gets beside the usual few. */
  readonly inheritEnv?: readonly string[] | undefined;
}

/** How permission for a server is got from its authorization server; all of it has defaults. */
export interface OAuthConfig {
  /** `client_credentials` asks nobody: the credentials below are permission enough. */
  readonly grant?: "authorization_code" | "client_credentials" | undefined;
  /** A client that was registered beforehand; left out, one is registered when it is needed. */
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  /** PEM (PKCS #8) of a key that stands for the client instead of a secret. */
  readonly privateKey?: string | undefined;
  /** Of the private key, as in `ES256`. */
  readonly algorithm?: string | undefined;
  /** What to ask for where the server does not say. */
  readonly scope?: string | undefined;
  /** The only authorization server that may see the client's credentials. */
  readonly issuer?: string | undefined;
}

/** A server that is elsewhere: spoken to over Streamable HTTP. */
export interface HttpServerConfig extends ServerSettings {
  readonly type: "http";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly oauth?: OAuthConfig | undefined;
  /** Allow addresses of private networks, and plain http to them. */
  readonly allowPrivateNetwork?: boolean | undefined;
}

/** One mounted server. */
export type McpServerConfig = StdioServerConfig | HttpServerConfig;

/** Every mounted server by its name. */
export type McpServersConfig = Readonly<Record<string, McpServerConfig>>;

const milliseconds = v.pipe(v.number(), v.integer(), v.minValue(1));
const texts = v.record(v.string(), v.string());
const flag = v.optional(v.boolean());

const settings = {
  disabled: flag,
  title: v.optional(v.string()),
  description: v.optional(v.string()),
  timeoutMs: v.optional(milliseconds),
  startTimeoutMs: v.optional(milliseconds),
  tools: v.optional(
    v.strictObject({
      include: v.optional(v.array(v.string())),
      exclude: v.optional(v.array(v.string())),
    }),
  ),
  overrides: v.optional(
    v.record(
      v.string(),
      v.strictObject({
        title: v.optional(v.string()),
        readOnlyHint: flag,
        destructiveHint: flag,
        idempotentHint: flag,
        openWorldHint: flag,
      }),
    ),
  ),
  pins: v.optional(v.record(v.string(), v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/)))),
};

const StdioSchema = v.strictObject({
  ...settings,
  type: v.optional(v.literal("stdio"), "stdio"),
  command: v.pipe(v.string(), v.minLength(1, "command must name a program")),
  args: v.optional(v.array(v.string())),
  env: v.optional(texts),
  cwd: v.optional(v.string()),
  inheritEnv: v.optional(v.array(v.string())),
});

const OAuthSchema = v.strictObject({
  grant: v.optional(v.picklist(["authorization_code", "client_credentials"])),
  clientId: v.optional(v.string()),
  clientSecret: v.optional(v.string()),
  privateKey: v.optional(v.string()),
  algorithm: v.optional(v.string()),
  scope: v.optional(v.string()),
  issuer: v.optional(v.string()),
});

const HttpSchema = v.strictObject({
  ...settings,
  type: v.pipe(
    v.optional(v.picklist(["http", "streamable-http", "streamableHttp"]), "http"),
    v.transform((): "http" => "http"),
  ),
  url: v.pipe(v.string(), v.minLength(1, "url must be an address")),
  headers: v.optional(texts),
  oauth: v.optional(OAuthSchema),
  allowPrivateNetwork: flag,
});

/** What other programs keep beside a server for their own screens; it means nothing here. */
const foreignKeys = new Set(["autoApprove", "alwaysAllow", "dev", "gallery", "version", "icon"]);

const refusals: readonly { readonly key: string; readonly sentence: string }[] = [
  { key: "envFile", sentence: "envFile is not read; name the variables in env or inheritEnv" },
];

function refusalOf(input: Readonly<Record<string, unknown>>): string | undefined {
  if (input.type === "sse") {
    return 'type "sse" is the old HTTP+SSE transport, which is not supported; use "http" with the server\'s Streamable HTTP address, most often ending in /mcp';
  }
  if (input.command !== undefined && input.url !== undefined) {
    return "a server has either a command or a url, this one has both";
  }
  if (input.command === undefined && input.url === undefined) {
    return "a server needs a command (a program to start) or a url (a server to reach)";
  }
  return refusals.find(({ key }) => input[key] !== undefined)?.sentence;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One server; the kind follows from `command` or `url` where `type` is left out. */
const ServerSchema: v.GenericSchema<unknown, McpServerConfig> = v.pipe(
  v.unknown(),
  v.rawTransform(({ dataset: { value }, addIssue, NEVER }): unknown => {
    const refusal = isRecord(value) ? refusalOf(value) : "a server is an object";
    if (refusal !== undefined) {
      addIssue({ message: refusal });
      return NEVER;
    }
    return Object.fromEntries(
      Object.entries(value as object).filter(([key]) => !foreignKeys.has(key)),
    );
  }),
  v.lazy((input) => {
    if (!isRecord(input)) return v.union([StdioSchema, HttpSchema]);
    return input.url === undefined ? StdioSchema : HttpSchema;
  }),
);

/** `mcpServers` of a configuration (VS Code calls it `servers`). */
export const McpServersSchema: v.GenericSchema<unknown, McpServersConfig> = v.record(
  v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  ServerSchema,
);
