/** Clients that submit tasks until each is acknowledged, whatever happens to the server. @module */

import type { Chance } from "../simulation/queue/chance.ts";
import { callQueue, Refused, type Surface } from "../support/queue-calls.ts";
import type { EffectInput } from "../support/queue-main.ts";

/** A task that the server said it has. */
export interface Acked {
  readonly key: string;
  readonly taskId: string;
  readonly n: number;
}

/** What submitters did. */
export interface Submissions {
  readonly acked: readonly Acked[];
  /** Requests that failed and were sent again, by the reason. */
  readonly retried: ReadonlyMap<string, number>;
  /** Answers that named another task for the same key, and results that are another's. */
  readonly faults: readonly string[];
}

/** What submitters work on. */
export interface SubmitterOptions {
  readonly url: string;
  readonly effects: string;
  readonly loops: number;
  readonly chance: Chance;
}

/** Requests that one loop has under way. */
const AT_ONCE = 4;
/** Unfinished tasks beyond which nobody submits: the end shall not take longer than the run. */
const MAX_BACKLOG = 300;
/** An owner that stands still does not answer; the same is asked again. */
const PATIENCE_MS = 3_000;
const RETRY_MS = 100;
const WORK_MS = 20;

/** Submits on. */
export class Submitters {
  readonly #options: SubmitterOptions;
  readonly #acked: Acked[] = [];
  readonly #retried = new Map<string, number>();
  readonly #faults: string[] = [];
  readonly #loops: Promise<unknown>;
  #isOn = true;
  #backlog = 0;
  #made = 0;

  constructor(options: SubmitterOptions) {
    this.#options = options;
    const surfaces: readonly Surface[] = ["rest", "mcp"];
    const loops = Array.from({ length: options.loops * AT_ONCE }, (_, at) =>
      this.#submitOn(surfaces[at % surfaces.length] ?? "rest"),
    );
    this.#loops = Promise.all([...loops, this.#watch()]);
  }

  /** Begin no more; resolves when everything that was begun is acknowledged. */
  async stop(): Promise<Submissions> {
    this.#isOn = false;
    await this.#loops;
    return { acked: this.#acked, retried: this.#retried, faults: this.#faults };
  }

  async #submitOn(surface: Surface): Promise<void> {
    while (this.#isOn) {
      if (this.#backlog > MAX_BACKLOG) await pause(RETRY_MS);
      else await this.#submit(this.#made++, surface);
    }
  }

  async #submit(n: number, surface: Surface): Promise<void> {
    const { effects: file, chance } = this.#options;
    const input: EffectInput = { file, n, ms: chance.between(0, WORK_MS) };
    const idempotencyKey = `key-${n}`;
    const request = { kind: "effect", input: { ...input }, idempotencyKey };
    const { taskId } = await this.#insist("submit", request, surface);
    this.#acked.push({ key: idempotencyKey, taskId: String(taskId), n });
    if (!chance.happens(0.1)) return;
    // An acknowledgement that got lost is asked for again; so is one that arrived.
    const again = await this.#insist("submit", request, surface);
    if (again.taskId !== taskId) this.#faults.push(`${idempotencyKey} is two tasks`);
    if (!chance.happens(0.5) || !this.#isOn) return;
    const outcome = await this.#insist("get_result", { taskId, waitMs: 2_000 }, surface);
    const { state, result } = outcome as { state: unknown; result?: { n: unknown } };
    if (state === "done" && result?.n !== n) this.#faults.push(`${taskId}: another's result`);
  }

  async #watch(): Promise<void> {
    while (this.#isOn) {
      const { counts } = await this.#insist("status", {}, "rest");
      const { scheduled = 0, ready = 0, leased = 0 } = counts as Record<string, number>;
      this.#backlog = scheduled + ready + leased;
      await pause(RETRY_MS);
    }
  }

  async #insist(
    name: string,
    input: Readonly<Record<string, unknown>>,
    surface: Surface,
  ): Promise<Readonly<Record<string, unknown>>> {
    for (;;) {
      try {
        return await callQueue(this.#options.url, name, input, { surface, withinMs: PATIENCE_MS });
      } catch (error) {
        const why = reasonOf(error);
        this.#retried.set(why, (this.#retried.get(why) ?? 0) + 1);
        await pause(RETRY_MS);
      }
    }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Refused) return error.code;
  if (error instanceof DOMException) return "no answer in time";
  return error instanceof TypeError ? "connection broke" : String(error);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
