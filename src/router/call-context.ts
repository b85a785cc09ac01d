/**
 * What one call's handler sees, made cheaply.
 *
 * An AbortSignal costs more than most handlers, and many never look at theirs, so it is made on
 * first use. `cancel` before that moment is remembered.
 *
 * @module
 */

import type { Caller } from "../registry/caller.ts";
import type {
  Admin,
  Cache,
  ClientCapabilities,
  Files,
  InputResponses,
  Monitor,
  Services,
  ToolContext,
} from "../registry/context.ts";
import type { Peers } from "../registry/peers.ts";
import type { Tasks } from "../registry/tasks.ts";
import type { Workflows } from "../registry/workflows.ts";
import type { ToolCall } from "./call.ts";

const noCapabilities: ClientCapabilities = {};

/** The context of one call; {@link CallContext.cancel} is the router's. */
export class CallContext implements ToolContext {
  readonly call: ToolCall;
  readonly #services: Services;
  #controller: AbortController | undefined;
  #cancelled: { readonly reason: unknown } | undefined;
  #unlink: (() => void) | undefined;

  constructor(call: ToolCall, services: Services) {
    this.call = call;
    this.#services = services;
  }

  get files(): Files {
    return this.#services.files;
  }
  get cache(): Cache {
    return this.#services.cache;
  }
  get monitor(): Monitor {
    return this.#services.monitor;
  }
  get admin(): Admin {
    return this.#services.admin;
  }
  get peers(): Peers {
    return this.#services.peers;
  }
  get tasks(): Tasks {
    return this.#services.tasks;
  }
  get workflows(): Workflows {
    return this.#services.workflows;
  }
  get caller(): Caller {
    return this.call.caller;
  }
  get client(): ClientCapabilities {
    return this.call.client ?? noCapabilities;
  }
  get inputResponses(): InputResponses | undefined {
    return this.call.inputResponses;
  }
  get requestState(): string | undefined {
    return this.call.requestState;
  }
  get traceparent(): string | undefined {
    return this.call.traceparent;
  }

  get signal(): AbortSignal {
    if (this.#controller) return this.#controller.signal;
    const controller = new AbortController();
    this.#controller = controller;
    if (this.#cancelled) controller.abort(this.#cancelled.reason);
    else this.#link(controller);
    return controller.signal;
  }

  /** Our own controller follows the caller's signal: hosts differ in when theirs fires. */
  #link(controller: AbortController): void {
    const parent = this.call.signal?.();
    if (!parent) return;
    const follow = (): void => controller.abort(parent.reason);
    if (parent.aborted) follow();
    else {
      parent.addEventListener("abort", follow, { once: true });
      this.#unlink = () => parent.removeEventListener("abort", follow);
    }
  }

  // Handlers take these two out of their context, so neither may depend on `this`.
  get progress(): ToolContext["progress"] {
    return (done, total, message) => this.call.events?.progress?.(done, total, message);
  }

  get log(): ToolContext["log"] {
    return (level, data, logger) => this.call.events?.log?.(level, data, logger);
  }

  /** Tell the handler to stop. */
  cancel(reason: unknown): void {
    this.#cancelled ??= { reason };
    this.#controller?.abort(reason);
  }

  /** The call is over: let go of the caller's signal. */
  end(): void {
    this.#unlink?.();
    this.#unlink = undefined;
  }
}
