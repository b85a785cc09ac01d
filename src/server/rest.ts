/** Tools over plain HTTP: find, read, call. Each route is one call of a tool. @module */

import { InputError, ToolError } from "../errors.ts";
import type { Caller } from "../registry/caller.ts";
import { type CallResult, failureText } from "../registry/result.ts";
import type { ToolCall } from "../router/call.ts";
import { checkJsonType, parseJson, readBody } from "./body.ts";

/** What the routes need. */
export interface RestNeeds {
  /** Runs tools, the meta-tools among them. */
  readonly call: (call: ToolCall) => Promise<CallResult>;
  readonly maxBodyBytes: () => number;
}

/** The routes below `/tools`, for a caller who is known. */
export interface Rest {
  /** `GET /tools?category=&query=&limit=&cursor=`: what `list_tools` says. */
  list(request: Request, caller: Caller): Promise<Response>;
  /** `GET /tools/:name`: what `get_schema` says. */
  describe(request: Request, caller: Caller, name: string): Promise<Response>;
  /** `POST /tools/:name` with the parameters as its body: the result of the call. */
  run(request: Request, caller: Caller, name: string): Promise<Response>;
}

/** The routes below `/tools`. */
export function createRest({ call, maxBodyBytes }: RestNeeds): Rest {
  const callFor = (
    request: Request,
    caller: Caller,
    tool: string,
    input: unknown,
  ): Promise<CallResult> => {
    const traceparent = request.headers.get("traceparent");
    return call({
      tool,
      input,
      caller,
      signal: () => request.signal,
      ...(traceparent !== null && { traceparent }),
    });
  };

  return {
    async list(request, caller) {
      const { searchParams } = new URL(request.url);
      const result = await callFor(request, caller, "list_tools", inputOf(searchParams));
      return answer(result.structuredContent);
    },

    async describe(request, caller, name) {
      const result = await callFor(request, caller, "get_schema", { tool: name });
      return answer(result.structuredContent);
    },

    async run(request, caller, name) {
      checkJsonType(request.headers.get("content-type"));
      const input = parseJson(await readBody(request, maxBodyBytes()));
      const result = await callFor(request, caller, name, input);
      if (result.isError) throw failureOf(name, result);
      if (result.resultType === "input_required") {
        throw new ToolError(
          "tool_failed",
          `"${name}" has a question before it can finish, which only MCP can carry: call it over /mcp`,
          { data: { tool: name } },
        );
      }
      return answer(result);
    },
  };
}

/** A query string as parameters; a number stays text where it is none, for the tool to refuse. */
function inputOf(query: URLSearchParams): Readonly<Record<string, unknown>> {
  const input = Object.fromEntries<unknown>(query);
  for (const name of query.keys()) {
    if (query.getAll(name).length > 1) {
      throw new InputError("invalid_input", `"${name}" stands in the query more than once`, {
        data: { path: `/${name}` },
      });
    }
  }
  const { limit } = input;
  return typeof limit === "string" && /^\d+$/.test(limit)
    ? { ...input, limit: Number(limit) }
    : input;
}

/** A result that says it is an error, as one: with all that the tool said. */
function failureOf(tool: string, result: CallResult): ToolError {
  const { content, structuredContent } = result;
  return new ToolError("tool_failed", failureText(tool, result), {
    data: { tool, content, ...(structuredContent !== undefined && { structuredContent }) },
  });
}

/** An answer that may be private, and is JSON whatever a browser thinks of it. */
function answer(value: unknown): Response {
  return Response.json(value, {
    headers: { "cache-control": "no-store", "x-content-type-options": "nosniff" },
  });
}
