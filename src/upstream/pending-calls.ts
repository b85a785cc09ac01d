/**
 * Calls that wait for an answer of the caller's.
 *
 * A legacy server asks in the middle of a call (elicitation, sampling, roots) and waits. Our
 * callers answer by calling again (MCP's multi-round-trip requests), so the call to the server
 * stays open between the two, for a while, for the same caller and the same question only.
 *
 * @module
 */

import type { Clock } from "../concurrency/clock.ts";
import { DeadlineError, InputError, UnavailableError } from "../errors.ts";
import type { ClientCapabilities, InputResponses, ToolContext } from "../registry/context.ts";
import type { CallResult } from "../registry/result.ts";
import { canonicalJson } from "./canonical-json.ts";
import { METHOD_NOT_FOUND, type RpcError, type RpcObject } from "./rpc.ts";

/** The answer to a question of the server. */
export type Answer = { readonly result: unknown } | { readonly error: RpcError };

/** A question of the server, and where its answer goes. */
export interface Question {
  readonly method: string;
  readonly params: RpcObject;
  readonly answer: (answer: Answer) => void;
}

/** What ties a waiting call to those who may continue it. */
interface Owner {
  readonly caller: string;
  readonly tool: string;
  readonly input: unknown;
}

/** Starts and continues calls that may ask. */
export interface PendingCalls {
  /** Run `call` until it ends or asks. */
  begin(owner: Owner, context: ToolContext, call: StartCall): Promise<CallResult>;
  /** Answer what it asked, and run on; throws where there is no such call of this caller. */
  resume(owner: Owner, context: ToolContext, state: string): Promise<CallResult>;
  /**
   * A question of the server. It names no call, so it is put only when a single one is in flight:
   * one caller must never be asked on behalf of another.
   */
  ask(question: Question, inFlight: number): void;
  close(): void;
}

/** Starts the call to the server; progress goes to whoever waits for it at that time. */
export type StartCall = (
  signal: AbortSignal,
  progress: ToolContext["progress"],
) => Promise<CallResult>;

/** What the table of waiting calls needs. */
export interface PendingNeeds {
  readonly upstream: string;
  readonly clock: Clock;
  readonly newId: () => string;
}

const TTL_MS = 600_000;
const MAX_PENDING = 100;

/** No waiting calls yet. */
export function createPendingCalls(needs: PendingNeeds): PendingCalls {
  const running = new Map<string, AskingCall>();
  const wait = async (id: string, call: AskingCall, context: ToolContext): Promise<CallResult> => {
    const result = await call.next(context);
    if (result.resultType === "input_required") return { ...result, requestState: id };
    running.delete(id);
    call.end();
    return result;
  };
  const waitOrDrop = async (id: string, call: AskingCall, context: ToolContext) => {
    try {
      return await wait(id, call, context);
    } catch (error) {
      running.delete(id);
      call.end();
      throw error;
    }
  };
  return {
    begin(owner, context, start) {
      if (running.size >= MAX_PENDING) {
        throw new UnavailableError(
          "queue_full",
          `${MAX_PENDING} calls of "${needs.upstream}" run or wait for answers already; try again later`,
          { data: { upstream: needs.upstream } },
        );
      }
      const id = needs.newId();
      const call = new AskingCall(owner, start, needs.clock, () => running.delete(id));
      running.set(id, call);
      return waitOrDrop(id, call, context);
    },
    resume(owner, context, state) {
      const call = running.get(state);
      if (!call?.belongsTo(owner)) {
        throw new InputError(
          "invalid_input",
          `This call of "${owner.tool}" no longer waits for an answer; call it again without requestState`,
          { data: { upstream: needs.upstream, tool: owner.tool } },
        );
      }
      call.give(context.inputResponses ?? {});
      return waitOrDrop(state, call, context);
    },
    ask(question, inFlight) {
      const [only] = running.values();
      if (only && running.size === 1 && inFlight === 1) only.ask(question);
      else question.answer(refusalOf(question.method, inFlight));
    },
    close() {
      for (const call of running.values()) call.end();
      running.clear();
    },
  };
}

/** What a server hears when nobody can be asked: a person declines, a model and roots are not there. */
function refusalOf(method: string, inFlight: number): Answer {
  if (inFlight > 1) {
    const message = `${inFlight} calls are in flight and this request does not say which one it is for`;
    return { error: { code: METHOD_NOT_FOUND, message } };
  }
  return notSupported(method);
}

function notSupported(method: string): Answer {
  if (method === "elicitation/create") return { result: { action: "decline" } };
  const message = `The client on whose behalf the tool runs does not support ${method}`;
  return { error: { code: METHOD_NOT_FOUND, message } };
}

/** Whether a client said that it can be asked this. */
export function canBeAsked(
  client: ClientCapabilities,
  { method, params }: Pick<Question, "method" | "params">,
): boolean {
  if (method === "roots/list") return client.roots !== undefined;
  if (method === "sampling/createMessage") return client.sampling !== undefined;
  const { elicitation } = client;
  if (typeof elicitation !== "object" || elicitation === null) return false;
  // An empty capability means forms: it is older than the choice.
  const modes = Object.keys(elicitation);
  const mode = params.mode === "url" ? "url" : "form";
  return modes.includes(mode) || (mode === "form" && !modes.includes("url"));
}

/** Whether a client can be asked anything at all. */
export function isAskable({ elicitation, sampling, roots }: ClientCapabilities): boolean {
  return elicitation !== undefined || sampling !== undefined || roots !== undefined;
}

/** One call that runs at the server while its caller comes and goes. */
class AskingCall {
  readonly #owner: Owner;
  readonly #stop = new AbortController();
  readonly #result: Promise<CallResult>;
  readonly #questions = new Map<string, Question>();
  readonly #disarm: () => void;
  #asked = 0;
  #wake: () => void = () => {};
  #context: ToolContext | undefined;

  constructor(owner: Owner, start: StartCall, clock: Clock, expired: () => void) {
    this.#owner = owner;
    this.#result = start(this.#stop.signal, (...progress) => this.#context?.progress(...progress));
    // It may fail while nobody waits for it; who comes back hears of it then.
    this.#result.catch(() => {});
    this.#disarm = clock.after(TTL_MS, () => {
      expired();
      this.end();
    });
  }

  belongsTo({ caller, tool, input }: Owner): boolean {
    const own = this.#owner;
    return (
      own.caller === caller &&
      own.tool === tool &&
      canonicalJson(own.input) === canonicalJson(input)
    );
  }

  ask(question: Question): void {
    if (this.#context && !canBeAsked(this.#context.client, question)) {
      question.answer(notSupported(question.method));
      return;
    }
    this.#asked += 1;
    this.#questions.set(`q${this.#asked}`, question);
    this.#wake();
  }

  give(responses: InputResponses): void {
    for (const [key, question] of this.#questions) {
      if (!Object.hasOwn(responses, key)) continue;
      this.#questions.delete(key);
      question.answer({ result: responses[key] });
    }
  }

  /** The result, or what the server asks now. */
  async next(context: ToolContext): Promise<CallResult> {
    this.#context = context;
    const { signal } = context;
    const cancel = (): void => this.#stop.abort(signal.reason);
    if (signal.aborted) cancel();
    signal.addEventListener("abort", cancel, { once: true });
    try {
      const asks = new Promise<undefined>((resolve) => {
        this.#wake = () => resolve(undefined);
      });
      const result =
        this.#questions.size > 0 ? undefined : await Promise.race([this.#result, asks]);
      return result ?? this.#inputRequired();
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  #inputRequired(): CallResult {
    const inputRequests = Object.fromEntries(
      [...this.#questions].map(([key, { method, params }]) => [key, { method, params }]),
    );
    return { content: [], resultType: "input_required", inputRequests };
  }

  end(): void {
    this.#disarm();
    this.#stop.abort(
      new DeadlineError("cancelled", `Nobody answered what "${this.#owner.tool}" asked`),
    );
    for (const question of this.#questions.values()) {
      question.answer(
        question.method === "elicitation/create"
          ? { result: { action: "cancel" } }
          : notSupported(question.method),
      );
    }
    this.#questions.clear();
  }
}
