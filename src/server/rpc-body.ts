/** The body of a request to `/mcp`: JSON within bounds, or a refusal in JSON-RPC's words. @module */

import { InputError, MeshError } from "../errors.ts";
import { checkJsonType, parseJson, readBody } from "./body.ts";
import { statusOf } from "./errors.ts";

/** A parsed body, or the answer that refuses it. */
export type RpcBody = { readonly value: unknown } | Response;

const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;

/** Read the message of a POST. */
export async function readRpcBody(request: Request, maxBytes: number): Promise<RpcBody> {
  try {
    checkJsonType(request.headers.get("content-type"));
    return { value: parseJson(await readBody(request, maxBytes)) };
  } catch (error) {
    if (error instanceof MeshError) return refusal(error);
    throw error;
  }
}

function refusal(error: MeshError): Response {
  const isText = error instanceof InputError && error.code === "invalid_input";
  return Response.json(
    {
      jsonrpc: "2.0",
      id: null,
      error: {
        code: isText ? PARSE_ERROR : INVALID_REQUEST,
        message: error.message,
        data: { code: error.code, ...error.data },
      },
    },
    { status: statusOf(error) },
  );
}
