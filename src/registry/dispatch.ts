/**
 * What a `dispatch` stands for: the call inside it.
 *
 * Models write the arguments in many ways; each that can mean only one thing is accepted.
 *
 * @module
 */

import { InputError } from "../errors.ts";
import { PEER_PREFIX } from "./visibility.ts";

/** The call that a `dispatch` stands for. */
export interface DispatchTarget {
  readonly tool: string;
  readonly category?: string;
  readonly input: unknown;
}

/** One call, or a batch of them. */
export type Dispatch =
  | { readonly kind: "one"; readonly target: DispatchTarget }
  | { readonly kind: "batch"; readonly targets: readonly DispatchTarget[] };

const EXAMPLE = { tool: "monitoring_health", params: {} };

/** Where models put the parameters. */
const PARAMETER_KEYS = ["params", "arguments", "args", "input"] as const;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function refuse(message: string, path: string): InputError {
  return new InputError(
    "invalid_input",
    `dispatch: ${message}; for example ${JSON.stringify(EXAMPLE)}`,
    {
      data: { path, example: EXAMPLE },
    },
  );
}

/** Parameters as an object, also where they came as a JSON string of one. */
function asObject(value: unknown, path: string): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch (cause) {
    throw new InputError("invalid_input", `dispatch: ${path} is text that is not JSON`, {
      cause,
      data: { path },
    });
  }
}

function targetOf(given: Readonly<Record<string, unknown>>, path: string): DispatchTarget {
  const { tool, category, ...others } = given;
  if (typeof tool !== "string" || tool === "") {
    throw refuse('"tool" must be the name of a tool', `${path}/tool`);
  }
  if (category !== undefined && typeof category !== "string") {
    throw refuse('"category" must be a name', `${path}/category`);
  }
  const key = PARAMETER_KEYS.find((name) => name in others);
  // Beside parameters that stand for themselves, "peer" is one of them: several tools take it.
  const { peer, ...rest } = key === undefined ? { peer: undefined, ...others } : others;
  if (peer !== undefined && (typeof peer !== "string" || peer === "")) {
    throw refuse('"peer" must be the id, name or address of a peer', `${path}/peer`);
  }
  // A tool may itself take a parameter called "input": beside others it is one of them.
  const isWrapped = key !== undefined && Object.keys(rest).length === 1;
  const input = isWrapped ? asObject(rest[key], `${path}/${key}`) : rest;
  const home = peer === undefined ? category : `${PEER_PREFIX}${peer}`;
  return { tool, ...(home !== undefined && { category: home }), input: input ?? {} };
}

/** Read the arguments of a `dispatch`; throws `invalid_input` with an example. */
export function parseDispatch(args: unknown, maxBatch: number): Dispatch {
  const given = asObject(args, "");
  if (!isObject(given)) throw refuse("the arguments must be an object", "");
  if (!("calls" in given) || "tool" in given) return { kind: "one", target: targetOf(given, "") };

  const calls = asObject(given.calls, "/calls");
  if (!Array.isArray(calls) || calls.length === 0 || calls.length > maxBatch) {
    throw refuse(`"calls" must be a list of 1 to ${maxBatch} calls`, "/calls");
  }
  const targets = calls.map((call: unknown, at) => {
    if (!isObject(call)) throw refuse(`call ${at} must be an object`, `/calls/${at}`);
    return targetOf(call, `/calls/${at}`);
  });
  return { kind: "batch", targets };
}
