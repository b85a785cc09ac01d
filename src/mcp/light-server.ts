/**
 * MCP over a two-way channel without the SDK, which is too large for a page: tools, in both eras,
 * with progress and cancellation. It offers nothing else, and says so.
 *
 * `tests/contract/message-server.ts` holds it to what `serve-messages.ts` answers.
 *
 * @module
 */

import type { Clock } from "../concurrency/clock.ts";
import type { Caller } from "../registry/caller.ts";
import type { Engine } from "./engine.ts";
import type { HotAnswer, HotPath } from "./hot-path.ts";
import {
  envelopeFault,
  initializeFault,
  type LightRequest,
  paramsFault,
  requestOf,
} from "./light-requests.ts";
import { isFields, isId, kindOf } from "./message-kind.ts";
import type { MessageServer } from "./message-server.ts";
import { LEGACY_VERSIONS, LIST_TTL_MS, META_KEY, MODERN_VERSION, RPC_CODE } from "./protocol.ts";
import { anyRpcErrorOf, type RpcError } from "./results.ts";
import { NO_ANSWER, RunningCalls } from "./running-calls.ts";

/** What serving needs. */
export interface LightServerNeeds {
  readonly engine: Pick<Engine, "serverInfo" | "instructions">;
  readonly hotPath: HotPath;
  /** Asked at every request: a connection outlives a change of its caller's rights. */
  readonly caller: () => Caller;
  readonly clock: Pick<Clock, "after">;
  readonly report: (error: Error) => void;
  /** Send the text of one message to the client; `answers` is the id of the request it ends. */
  readonly write: (text: string, answers?: unknown) => Promise<void> | undefined;
}

/** How long requests may still take once the input has ended: what was sent gets its answers. */
const GRACE_MS = 1000;

const CAPABILITIES = { tools: {} } as const;

/** Serve a client. */
export function serveLightly(needs: LightServerNeeds): MessageServer {
  return new LightServer(needs);
}

class LightServer implements MessageServer {
  readonly #needs: LightServerNeeds;
  readonly #calls = new RunningCalls();
  readonly #unanswered = new Set<Promise<void>>();
  #idle: (() => void) | undefined;
  /** Decided by the first request that belongs to one of them. */
  #era: "modern" | "legacy" | undefined;

  constructor(needs: LightServerNeeds) {
    this.#needs = needs;
  }

  receive(message: unknown): void {
    if (!isFields(message)) {
      this.refuse("A message must be one JSON-RPC object; batches are not supported");
      return;
    }
    const { id } = message;
    const kind = kindOf(message);
    if (kind === "request") {
      const request = requestOf(message);
      if (request) this.#answer(request);
      else this.#refuse(id, '"_meta" must be an object');
    } else if (typeof kind === "object") this.#refuse(id, kind.message);
    // Nothing is asked of the client, so answers answer nothing; other notifications say nothing.
    else this.#calls.cancelledBy(message);
  }

  #refuse(id: unknown, message: string): void {
    this.#write(failure(isId(id) ? id : null, { code: RPC_CODE.invalidRequest, message }));
  }

  refuse(message: string, code: number = RPC_CODE.invalidRequest): void {
    this.#write(failure(null, { code, message }));
  }

  drain(): Promise<void> {
    if (this.#unanswered.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const disarm = this.#needs.clock.after(GRACE_MS, resolve);
      this.#idle = () => {
        disarm();
        resolve();
      };
    });
  }

  close(): Promise<void> {
    this.#calls.abandon();
    return Promise.resolve();
  }

  #answer(request: LightRequest): void {
    const { id } = request;
    const isModern = META_KEY.protocolVersion in request.meta;
    const answer = isModern ? this.#modern(request) : this.#legacy(request);
    if (typeof answer === "string") {
      this.#write(answer, id);
      return;
    }
    const answering = answer
      .then(
        (text) => text !== NO_ANSWER && this.#write(text ?? unanswerable(request), id),
        (error: unknown) => this.#write(failure(id, anyRpcErrorOf(error)), id),
      )
      .then(() => {
        this.#unanswered.delete(answering);
        if (this.#unanswered.size === 0) this.#idle?.();
      });
    this.#unanswered.add(answering);
  }

  #modern(request: LightRequest): string | Promise<string | undefined> {
    const { id, method, meta } = request;
    const { engine, hotPath, caller } = this.#needs;
    const fault = envelopeFault(meta);
    if (fault) return failure(id, fault);
    if (method === "server/discover") {
      const about = { instructions: engine.instructions("flat"), capabilities: CAPABILITIES };
      return success(id, {
        supportedVersions: [MODERN_VERSION],
        ...about,
        ttlMs: LIST_TTL_MS,
        cacheScope: "private",
        resultType: "complete",
        _meta: { [META_KEY.serverInfo]: engine.serverInfo },
      });
    }
    this.#era ??= "modern";
    const wrong = paramsFault(request);
    if (wrong) return failure(id, wrong);
    const message = request.message;
    const hot = this.#run(id, (signal) =>
      hotPath.modern({ message, view: "flat", caller: caller(), signal, notify: this.#notify }),
    );
    return hot ?? unanswerable(request);
  }

  #legacy(request: LightRequest): string | Promise<string | undefined> {
    const { id, method, params, message } = request;
    const { engine, hotPath, caller } = this.#needs;
    if (this.#era === "modern") {
      return failure(id, envelopeFault(request.meta, method === "initialize" ? params : {}));
    }
    if (method === "initialize") {
      const fault = initializeFault(params);
      if (fault) return failure(id, fault);
      this.#era = "legacy";
      const [newest] = LEGACY_VERSIONS;
      const wanted = String(params.protocolVersion);
      return success(id, {
        protocolVersion: LEGACY_VERSIONS.has(wanted) ? wanted : newest,
        capabilities: CAPABILITIES,
        serverInfo: engine.serverInfo,
        instructions: engine.instructions("flat"),
      });
    }
    if (method === "ping") return success(id, {});
    const wrong = paramsFault(request);
    if (wrong) return failure(id, wrong);
    const hot = this.#run(id, (signal) => {
      const about = { view: "flat", caller: caller(), signal, notify: this.#notify } as const;
      return hotPath.legacy({ message, ...about }, {});
    });
    return hot ?? unanswerable(request);
  }

  #run(id: unknown, ask: (signal: () => AbortSignal) => HotAnswer): HotAnswer {
    return this.#calls.run(id, ask);
  }

  readonly #notify = (text: string): void => this.#write(text);

  #write(text: string, answers?: unknown): void {
    this.#needs.write(text, answers)?.catch(this.#needs.report);
  }
}

const success = (id: unknown, result: object): string =>
  JSON.stringify({ jsonrpc: "2.0", id, result });

const failure = (id: unknown, error: RpcError | undefined): string =>
  JSON.stringify({ jsonrpc: "2.0", id, error });

/** A right request that only the SDK could serve: its tool asks the client something. */
function unanswerable({ id, method }: LightRequest): string {
  const message = `${method}: what was called asks its caller something, which this server does not pass on`;
  return failure(id, { code: RPC_CODE.invalidParams, message, data: { code: "invalid_input" } });
}
