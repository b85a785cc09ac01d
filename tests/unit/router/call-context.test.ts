import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { localCaller } from "../../../src/registry/caller.ts";
import type { Services } from "../../../src/registry/context.ts";
import { CallContext } from "../../../src/router/call-context.ts";
import { callOf, contextOf } from "../../support/calls.ts";

describe("CallContext", () => {
  it("makes no signal, and asks for none, until a handler wants one", () => {
    let asked = 0;
    const parent = new AbortController();
    const context = contextOf({
      signal: () => {
        asked += 1;
        return parent.signal;
      },
    });

    context.cancel("before anybody looked");
    assertEquals(asked, 0);
    const { signal } = context;

    assert(signal.aborted);
    assertEquals(signal.reason, "before anybody looked");
    assertEquals(asked, 0);
    assert(context.signal === signal);
  });

  it("follows the caller's signal with one of its own", () => {
    const parent = new AbortController();
    const context = contextOf({ signal: () => parent.signal });
    const { signal } = context;

    assert(signal !== parent.signal && !signal.aborted);
    parent.abort("gone");

    assertEquals([signal.aborted, signal.reason], [true, "gone"]);
    const late = contextOf({ signal: () => parent.signal });
    assertEquals([late.signal.aborted, late.signal.reason], [true, "gone"]);
  });

  it("cancels its own signal and not the caller's", () => {
    const parent = new AbortController();
    const context = contextOf({ signal: () => parent.signal });
    const { signal } = context;

    context.cancel("deadline");
    context.cancel("again");

    assertEquals([signal.reason, parent.signal.aborted], ["deadline", false]);
  });

  it("lets go of the caller's signal at the end", () => {
    const parent = new AbortController();
    const listeners = new Set<unknown>();
    const { signal } = parent;
    const add = signal.addEventListener.bind(signal);
    signal.addEventListener = (type: string, listener: EventListener, options?: object): void => {
      listeners.add(listener);
      add(type, listener, options);
    };
    signal.removeEventListener = (_type: string, listener: EventListener): void => {
      listeners.delete(listener);
    };
    const context = contextOf({ signal: () => signal });

    assert(!context.signal.aborted);
    assertEquals(listeners.size, 1);
    context.end();
    context.end();

    assertEquals(listeners.size, 0);
  });

  it("reports to those who asked, also through functions taken out of it", () => {
    const heard: unknown[] = [];
    const { progress, log } = contextOf({
      events: {
        progress: (...report) => heard.push(report),
        log: (...line) => heard.push(line),
      },
    });

    progress(1, 2, "half");
    log("info", { a: 1 }, "me");

    assertEquals(heard, [
      [1, 2, "half"],
      ["info", { a: 1 }, "me"],
    ]);
    const { progress: unheard, log: unwritten } = contextOf();
    unheard(1);
    unwritten("error", "nobody listens");
  });

  it("shows the call and the services", () => {
    const services = { files: { roots: ["/a"] } } as unknown as Services;
    const context = new CallContext(
      callOf({ inputResponses: { who: 1 }, requestState: "kept", client: { roots: {} } }),
      services,
    );

    assertEquals(context.caller, localCaller);
    assertEquals(context.files.roots, ["/a"]);
    assertEquals(context.inputResponses, { who: 1 });
    assertEquals(context.requestState, "kept");
    assertEquals(context.client, { roots: {} });
    assertEquals(contextOf().client, {});
  });
});
