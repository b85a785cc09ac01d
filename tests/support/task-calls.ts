/** Calls that become tasks: tools in the hands of a test, and the requests of a client that knows tasks. @module */

import * as v from "valibot";
import type { Category } from "../../src/registry/category.ts";
import { defineTool, type Tool } from "../../src/tool.ts";
import { answerTo, asking, askUser, ElicitResult } from "../conformance/fixtures/questions.ts";
import { modernMessage, post, rpcAnswer } from "./messages.ts";

/** The extension, as both sides declare it. */
export const TASKS = "io.modelcontextprotocol/tasks";

/** What a client declares that knows tasks and has a person to ask. */
export const CAPABLE: Readonly<
  Record<"elicitation" | "extensions", Readonly<Record<string, object>>>
> = { elicitation: {}, extensions: { [TASKS]: {} } };

type Fields = Readonly<Record<string, unknown>>;

/** Tools, and what holds one of them. */
export interface TaskTools {
  readonly category: Category;
  /** Resolves when `hold` runs. */
  readonly started: Promise<void>;
  /** Let `hold` end with this text. */
  finish(text: string): void;
}

/** A category of tools that run as tasks. */
export function createTaskTools(): TaskTools {
  const start = Promise.withResolvers<void>();
  const end = Promise.withResolvers<string>();
  const tools: readonly Tool[] = [
    defineTool({
      name: "hold",
      description: "End when the test says so",
      input: v.object({}),
      taskSupport: "optional",
      run(_, { signal, progress }) {
        progress(1, 4, "begun");
        start.resolve();
        return new Promise((resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason), { once: true });
          end.promise.then(resolve, reject);
        });
      },
    }),
    defineTool({
      name: "large",
      description: "Give back as many characters as told",
      input: v.object({ length: v.number() }),
      taskSupport: "required",
      run: ({ length }) => "x".repeat(length),
    }),
    defineTool({
      name: "break",
      description: "Throw an error that nobody expects",
      input: v.object({}),
      taskSupport: "required",
      run() {
        throw new RangeError("out of range");
      },
    }),
    defineTool({
      name: "insist",
      description: "Ask the same again until the answer is yes",
      input: v.object({}),
      isInteractive: true,
      taskSupport: "required",
      run(_, context) {
        const said = answerTo(context, "sure", v.object({ action: v.literal("accept") }));
        const asked = Number(context.requestState ?? 0);
        if (said) return `sure after ${asked} questions`;
        return asking({ sure: askUser("Are you sure?", {}) }, String(asked + 1));
      },
    }),
    defineTool({
      name: "ask_both",
      description: "Ask two things at once",
      input: v.object({}),
      isInteractive: true,
      taskSupport: "required",
      run(_, context) {
        const said = ["left", "right"].map((key) => answerTo(context, key, ElicitResult)?.action);
        if (said.every((action) => action !== undefined)) return said.join(" and ");
        return asking({ left: askUser("Left?", {}), right: askUser("Right?", {}) });
      },
    }),
  ];
  return {
    started: start.promise,
    finish: end.resolve,
    category: {
      name: "tasks",
      title: "Tasks",
      description: "Tools that run as tasks",
      source: "builtin",
      toolNames: tools.map(({ name }) => name),
      runtime: "local",
      load: () => Promise.resolve(tools),
    },
  };
}

/** A client that posts single requests. */
export interface TaskClient {
  /** The answer's result; throws its error. */
  ask(method: string, params: Fields, capabilities?: Fields): Promise<Fields>;
  /** The answer as it is. */
  answer(method: string, params: Fields, capabilities?: Fields): Promise<AnsweredRequest>;
  /** The task once it is in this status, and its message says this. */
  until(taskId: string, status: string, message?: string): Promise<Fields>;
}

/** An answer with its HTTP status. */
export interface AnsweredRequest {
  readonly status: number;
  readonly result?: Fields;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: Fields };
}

/** What takes no time has happened long before so many turns of the event loop. */
const MAX_POLLS = 5_000;

/** A client of whatever answers requests. */
export function taskClientOf(
  fetch: (request: Request) => Promise<Response> | Response,
  headers: Readonly<Record<string, string>> = {},
): TaskClient {
  const answer: TaskClient["answer"] = async (method, params, capabilities = CAPABLE) => {
    const request = { jsonrpc: "2.0", id: 1, method, params };
    const { taskId } = params;
    const name = typeof taskId === "string" ? { "mcp-name": taskId } : {};
    const message = modernMessage(request, capabilities);
    const response = await fetch(post(message, { ...name, ...headers }, "/mcp/flat"));
    return { status: response.status, ...(await rpcAnswer(response)) };
  };
  const ask: TaskClient["ask"] = async (...request) => {
    const { result, error } = await answer(...request);
    if (result) return result;
    throw new Error(`${error?.code}: ${error?.message}`);
  };
  return {
    answer,
    ask,
    async until(taskId, status, message) {
      for (let asked = 0; ; asked += 1) {
        const task = await ask("tasks/get", { taskId });
        if (asked > MAX_POLLS) throw new Error(`the task stays ${JSON.stringify(task)}`);
        const isSaid = message === undefined || task.statusMessage === message;
        if (task.status === status && isSaid) return task;
        if (["completed", "failed", "cancelled"].includes(String(task.status))) {
          throw new Error(`the task is ${task.status}: ${JSON.stringify(task)}`);
        }
        // The next turn of the event loop: nothing here takes time.
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    },
  };
}
