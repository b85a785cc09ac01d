/** Requests that are nearly right, or not at all: generators for fuzzing. @module */

import fc from "fast-check";
import { modernHeaders, modernMessage } from "./messages.ts";

/** One HTTP request as plain data, so that a failure can be printed and repeated. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Left out where the method takes none. */
  readonly body?: string;
}

type Json = unknown;

/** Names that every object has whether it wants or not. */
const INHERITED = ["__proto__", "constructor", "toString", "hasOwnProperty", "prototype"] as const;

const key: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...INHERITED, "", "jsonrpc", "id", "method", "params", "name", "_meta"),
  fc.string({ unit: "binary", maxLength: 8 }),
);

const number: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, -0, -1, 1e308, 5e-324, 2 ** 53, -(2 ** 63), 0.1, 4_294_967_296),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

const string: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...INHERITED,
    "",
    "\u0000",
    "\ud800",
    "\u202e",
    "../../etc/passwd",
    "demo/add",
    "a/b/c",
    "2.0",
    "at:99999999999",
    "[]",
    "x".repeat(70_000),
    "[".repeat(5000),
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
);

const leaf: fc.Arbitrary<Json> = fc.oneof(string, number, fc.boolean(), fc.constant(null));

/** A value inside a value, so many times. */
function nested(depth: number, inner: Json, isArray: boolean): Json {
  let value = inner;
  for (let at = 0; at < depth; at += 1) value = isArray ? [value] : { a: value };
  return value;
}

/** Any JSON, with what breaks parsers in it. */
export const json: fc.Arbitrary<Json> = fc.oneof(
  { weight: 6, arbitrary: leaf },
  { weight: 2, arbitrary: fc.array(leaf, { maxLength: 5 }) },
  { weight: 2, arbitrary: fc.dictionary(key, leaf, { maxKeys: 5, noNullPrototype: false }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: 1, max: 300 }), leaf, fc.boolean())
      .map(([depth, inner, isArray]) => nested(depth, inner, isArray)),
  },
);

const META_TOOLS = ["list_categories", "list_tools", "get_schema", "dispatch"] as const;

const call = (name: string, args: Json): Json => ({
  method: "tools/call",
  params: { name, arguments: args },
});

/** Requests that are right, in the parts that both eras share. */
const valid: fc.Arbitrary<Json> = fc.constantFrom<Json>(
  { method: "tools/list", params: {} },
  { method: "server/discover", params: {} },
  call("add", { a: 1, b: 2 }),
  call("echo", { value: { nested: [1, "two", null] } }),
  call("fail", { how: "result" }),
  call("greet", {}),
  call("wipe", {}),
  ...META_TOOLS.map((name) => call(name, { tool: "add", params: { a: 1, b: 2 } })),
  call("list_tools", { query: "add two numbers", limit: 5 }),
  call("dispatch", { calls: [{ tool: "add", params: { a: 1, b: 2 } }, { tool: "nothing" }] }),
  call("dispatch", '{"tool":"add","params":"{\\"a\\":1,\\"b\\":2}"}'),
  { method: "resources/list", params: {} },
  { method: "resources/templates/list", params: {} },
  { method: "resources/read", params: { uri: "note://a" } },
  { method: "resources/subscribe", params: { uri: "note://a" } },
  { method: "resources/unsubscribe", params: { uri: "note://a" } },
  { method: "prompts/list", params: { cursor: "at:0" } },
  { method: "prompts/get", params: { name: "hello", arguments: { who: "Ada" } } },
  {
    method: "completion/complete",
    params: {
      ref: { type: "ref/prompt", name: "hello" },
      argument: { name: "who", value: "a" },
    },
  },
  { method: "logging/setLevel", params: { level: "info" } },
  { method: "notifications/cancelled", params: { requestId: 1 } },
  { method: "notifications/initialized" },
  {
    method: "subscriptions/listen",
    params: { notifications: { toolsListChanged: true, resourceSubscriptions: ["note://a"] } },
  },
  {
    method: "initialize",
    params: {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "fuzz", version: "1" },
    },
  },
  { method: "ping" },
);

const isContainer = (value: Json): value is Record<string, Json> =>
  typeof value === "object" && value !== null;

/** Every place in a value, as paths. */
function places(value: Json, path: readonly string[] = []): (readonly string[])[] {
  if (!isContainer(value)) return [path];
  return [
    path,
    ...Object.entries(value).flatMap(([name, inner]) => places(inner, [...path, name])),
  ];
}

/** The same value with something else in one place; `undefined` removes what was there. */
export function withAt(value: Json, [name, ...rest]: readonly string[], put: Json): Json {
  if (name === undefined) return put;
  if (Array.isArray(value)) {
    return value.map((inner, at) => (String(at) === name ? withAt(inner, rest, put) : inner));
  }
  const fields = isContainer(value) ? value : {};
  const entries = Object.entries(fields).filter(([own]) => own !== name);
  const inner = withAt(fields[name], rest, put);
  return Object.fromEntries(inner === undefined ? entries : [...entries, [name, inner]]);
}

/** Where a change is made: among the parameters that a method looks at, or anywhere. */
const change: fc.Arbitrary<readonly ["params" | "any", number, Json]> = fc.tuple(
  fc.constantFrom("params", "params", "params", "any"),
  fc.nat(),
  fc.option(json, { nil: undefined }),
);

const isOwnParam = ([root, name]: readonly string[]): boolean =>
  root === "params" && name !== undefined && name !== "_meta";

/** What is wrong with a message's values. */
const mutated: fc.Arbitrary<Json> = fc
  .tuple(
    valid,
    fc.boolean(),
    fc.oneof(
      { weight: 24, arbitrary: fc.constant(1) },
      {
        weight: 1,
        arbitrary: fc.constantFrom<Json>(
          ...["id-1", null, 0, -1, 1.5, {}, [], 2 ** 53, undefined, "\ud800"],
        ),
      },
    ),
    fc.oneof(
      { weight: 1, arbitrary: fc.constant([]) },
      { weight: 2, arbitrary: fc.array(change, { minLength: 1, maxLength: 2 }) },
    ),
    fc.option(fc.tuple(key, json), { nil: undefined, freq: 4 }),
  )
  .map(([request, isModern, id, changes, addition]) => {
    const plain = { jsonrpc: "2.0", id, ...(request as object) };
    let message: Json = isModern ? modernMessage(plain) : plain;
    for (const [where, pick, put] of changes) {
      const everywhere = places(message);
      const inside = everywhere.filter(isOwnParam);
      const all = where === "any" || inside.length === 0 ? everywhere : inside;
      message = withAt(message, all[pick % all.length] ?? [], put);
    }
    if (!addition) return message;
    const containers = places(message).filter(isOwnParam);
    const at = containers[addition[0].length % containers.length] ?? [];
    return withAt(message, [...at, addition[0]], addition[1]);
  });

/** What is wrong with the text itself. */
const text: fc.Arbitrary<string> = fc
  .tuple(
    fc.oneof({ weight: 8, arbitrary: mutated }, { weight: 1, arbitrary: json }),
    fc.oneof(
      { weight: 12, arbitrary: fc.constant("whole") },
      { weight: 1, arbitrary: fc.constantFrom("cut", "twice", "batch", "garbage", "bom") },
    ),
    fc.nat(),
  )
  .map(([value, fault, at]) => {
    const whole = JSON.stringify(value) ?? "";
    switch (fault) {
      case "cut":
        return whole.slice(0, at % (whole.length + 1));
      case "twice":
        return whole.replace("{", '{"method":"tools/list","id":7,"__proto__":{"id":8},');
      case "batch":
        return `[${whole},${whole}]`;
      case "garbage":
        return `${whole.slice(0, at % (whole.length + 1))}\u0000}{"`;
      case "bom":
        return `\ufeff${whole}`;
      default:
        return whole;
    }
  });

const headerValue: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("", "2.0", "2026-07-28", "2025-11-25", "1999-01-01", "tools/call", "null", "*/*"),
  fc.string({ unit: "grapheme-ascii", maxLength: 20 }).map((value) => value.trim()),
  fc.constant("=?base64?/w==?="),
  fc.constant("x".repeat(4000)),
);

const HEADERS = [
  "accept",
  "authorization",
  "content-type",
  "last-event-id",
  "mcp-method",
  "mcp-name",
  "mcp-protocol-version",
  "mcp-session-id",
  "origin",
  "host",
  "traceparent",
] as const;

const faultyHeaders: fc.Arbitrary<Readonly<Record<string, string | undefined>>> = fc.dictionary(
  fc.constantFrom(...HEADERS),
  fc.option(headerValue, { nil: undefined }),
  { maxKeys: 2 },
);

const PATHS = [
  "/",
  "/mcp/",
  "/mcp/flat",
  "/mcp/hybrid",
  "/mcp/__proto__",
  "/tools",
  "/tools/add",
  "/tools/constructor",
  "/tools/%00",
  "/tools/%ff",
  "/health",
  "/ready",
  "/metrics",
  "/openapi.json",
  "/events",
  "/.well-known/oauth-protected-resource",
  "/../../etc/passwd",
  "//mcp",
  "/mcp?x=%zz",
] as const;

/** Any request; `sessions` are ids of sessions that exist. */
export function malformed(sessions: readonly string[]): fc.Arbitrary<RawRequest> {
  const session = fc.option(fc.constantFrom(...sessions, "no-such-session"), { nil: undefined });
  const method = fc.oneof(
    { weight: 12, arbitrary: fc.constant("POST") },
    { weight: 1, arbitrary: fc.constantFrom("GET", "PUT", "PATCH", "OPTIONS", "HEAD", "DELETE") },
  );
  const path = fc.oneof(
    { weight: 10, arbitrary: fc.constant("/mcp") },
    { weight: 2, arbitrary: fc.constantFrom(...PATHS) },
    { weight: 1, arbitrary: fc.webPath() },
  );
  return fc
    .tuple(method, path, text, session, fc.option(faultyHeaders, { nil: undefined, freq: 1 }))
    .map(([verb, where, body, id, wrong]) => {
      const faults = wrong ?? {};
      const isAnswered = verb === "DELETE" && id !== "no-such-session";
      const headers: Record<string, string> = {
        accept: "application/json, text/event-stream",
        "content-type": "application/json",
        ...headersFor(body),
        // The sessions are needed to the end.
        ...(id !== undefined && !isAnswered && { "mcp-session-id": id }),
      };
      for (const [name, value] of Object.entries(faults)) {
        if (value === undefined) delete headers[name];
        else headers[name] = value;
      }
      const hasBody = verb !== "GET" && verb !== "HEAD";
      return { method: verb, path: where, headers, ...(hasBody && { body }) };
    });
}

/** The headers that a modern request must repeat, where the body is one. */
function headersFor(body: string): Readonly<Record<string, string>> {
  try {
    return modernHeaders(JSON.parse(body) as Json);
  } catch {
    return {};
  }
}
