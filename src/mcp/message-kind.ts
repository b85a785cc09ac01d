/** What a JSON-RPC message is, or what is wrong with it: the SDK drops without a word what it does not know. @module */

/** The members of a message. */
type Fields = Readonly<Record<string, unknown>>;

/** Whether a value is a JSON object. */
export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether a value is an id as MCP has them. */
export const isId = (id: unknown): boolean => typeof id === "string" || Number.isSafeInteger(id);

/** A sentence that says what is wrong. */
export interface Fault {
  readonly message: string;
}

/** The kind of a message (https://www.jsonrpc.org/specification, sections 4 and 5). */
export function kindOf(message: Fields): "request" | "notification" | "answer" | Fault {
  const { jsonrpc, id, method, params } = message;
  const isAnswer = "result" in message || "error" in message;
  if (isAnswer && method === undefined) return "answer";
  if (typeof method !== "string") return { message: '"method" must be the name of one' };
  if (jsonrpc !== "2.0") return { message: '"jsonrpc" must be "2.0"' };
  if (params !== undefined && !isFields(params)) return { message: '"params" must be an object' };
  if (isAnswer) return { message: 'A request has neither "result" nor "error"' };
  if (id === undefined) return "notification";
  return isId(id) ? "request" : { message: '"id" must be a text or a whole number' };
}
