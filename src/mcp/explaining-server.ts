/** The SDK's server, which says what is wrong with a request's parameters as JSON-RPC wants it. @module */

import {
  type JSONRPCRequest,
  ProtocolError,
  type Result,
  Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { MeshError, messageOf } from "../errors.ts";
import { RPC_CODE } from "./protocol.ts";

type Handler = (request: JSONRPCRequest, context: ServerContext) => Promise<Result>;

/** One fault as the SDK's schemas report it. */
interface Issue {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** The list of issues that ends an SDK message. */
const ISSUES = /\[\s*\{[\s\S]*\}\s*\]$/;

/** A model reads this too: the first faults are enough. */
const MAX_LENGTH = 1000;

function explained(message: string): string {
  const sentence = message.replace(ISSUES, (json) => {
    const issues = JSON.parse(json) as readonly Issue[];
    return issues.map(({ path, message: fault }) => `/${path.join("/")}: ${fault}`).join("; ");
  });
  return sentence.slice(0, MAX_LENGTH);
}

/** A {@link Server} that answers wrong parameters with −32602; by itself it says −32603. */
export class ExplainingServer extends Server {
  protected override _wrapHandler(method: string, handler: Handler): Handler {
    const inner = super._wrapHandler(method, handler);
    return async (request, context) => {
      try {
        return await inner(request, context);
      } catch (error) {
        if (error instanceof MeshError) throw error;
        const message = messageOf(error);
        if (!(error instanceof ProtocolError)) {
          throw invalidParams(`Invalid params for ${method}: ${explained(message)}`);
        }
        throw ISSUES.test(message) ? invalidParams(explained(message)) : error;
      }
    };
  }
}

function invalidParams(message: string): ProtocolError {
  return new ProtocolError(RPC_CODE.invalidParams, message, { code: "invalid_input" });
}
