/**
 * Resources, prompts and completions of all sources as if they were one.
 *
 * A source that fails is left out of lists and reported; it never hides what the others offer.
 *
 * @module
 */

import { InputError } from "../errors.ts";
import { nearest } from "../nearest.ts";
import type { Caller } from "./caller.ts";
import type {
  Offer,
  OfferContext,
  Passed,
  PromptInfo,
  ResourceInfo,
  ResourceTemplateInfo,
} from "./offer.ts";
import type { Registry } from "./registry.ts";
import { seesCategory } from "./visibility.ts";

/** What the sources of a registry offer beside tools. */
export interface Offers {
  listResources(context: OfferContext): Promise<readonly ResourceInfo[]>;
  listResourceTemplates(context: OfferContext): Promise<readonly ResourceTemplateInfo[]>;
  /** Throws `unknown_resource`. */
  readResource(uri: string, context: OfferContext): Promise<Passed>;
  /** Ask for news of a resource; counted, so each `subscribe` needs its own `unsubscribe`. */
  subscribe(uri: string, caller: Caller): Promise<void>;
  unsubscribe(uri: string, caller: Caller): Promise<void>;
  listPrompts(context: OfferContext): Promise<readonly PromptInfo[]>;
  /** Throws `unknown_prompt`. */
  getPrompt(
    name: string,
    args: Readonly<Record<string, string>>,
    context: OfferContext,
  ): Promise<Passed>;
  complete(params: Passed, context: OfferContext): Promise<Passed>;
}

/** What the offers of a registry need. */
export interface OffersNeeds {
  readonly registry: Registry;
  /** A source failed where others could still answer. */
  readonly sourceFailed: (category: string, error: unknown) => void;
}

interface Source {
  readonly category: string;
  readonly offer: Offer;
}

const NO_COMPLETION: Passed = { completion: { values: [], total: 0, hasMore: false } };

/** The offers of every category that the caller may see. */
export function createOffers(needs: OffersNeeds): Offers {
  return new RegistryOffers(needs);
}

class RegistryOffers implements Offers {
  readonly #registry: Registry;
  readonly #sourceFailed: OffersNeeds["sourceFailed"];
  /** How many clients listen to a resource; its source is asked once. */
  readonly #subscribers = new Map<string, number>();

  constructor({ registry, sourceFailed }: OffersNeeds) {
    this.#registry = registry;
    this.#sourceFailed = sourceFailed;
  }

  #sources(caller: Caller): Source[] {
    return this.#registry.categories(caller).flatMap(({ name }) => {
      const offer = this.#registry.category(name)?.offer;
      return offer && seesCategory(caller, name) ? [{ category: name, offer }] : [];
    });
  }

  /** What every source answers, in the order of sources; failures are reported and left out. */
  async #gather<T>(
    context: OfferContext,
    ask: (offer: Offer) => Promise<readonly T[]> | undefined,
  ): Promise<{ readonly category: string; readonly items: readonly T[] }[]> {
    const sources = this.#sources(context.caller);
    const answers = await Promise.allSettled(
      sources.map(async ({ offer }) => (await ask(offer)) ?? []),
    );
    return answers.flatMap((answer, at) => {
      const category = sources[at]?.category ?? "";
      if (answer.status === "fulfilled") return [{ category, items: answer.value }];
      this.#sourceFailed(category, answer.reason);
      return [];
    });
  }

  /** The first source that has an answer; a failure is thrown only if nobody else has one. */
  async #first<T>(
    context: OfferContext,
    ask: (offer: Offer) => Promise<T | undefined> | undefined,
  ): Promise<T | undefined> {
    let failure: { readonly reason: unknown } | undefined;
    for (const { offer } of this.#sources(context.caller)) {
      try {
        const answer = await ask(offer);
        if (answer !== undefined) return answer;
      } catch (reason) {
        failure ??= { reason };
      }
    }
    if (failure) throw failure.reason;
    return undefined;
  }

  async listResources(context: OfferContext): Promise<readonly ResourceInfo[]> {
    const lists = await this.#gather(context, (offer) => offer.listResources?.(context));
    const byUri = new Map<string, ResourceInfo>();
    for (const { items } of lists) {
      for (const item of items) if (!byUri.has(item.uri)) byUri.set(item.uri, item);
    }
    return [...byUri.values()];
  }

  async listResourceTemplates(context: OfferContext): Promise<readonly ResourceTemplateInfo[]> {
    const lists = await this.#gather(context, (offer) => offer.listResourceTemplates?.(context));
    return lists.flatMap(({ items }) => items);
  }

  async readResource(uri: string, context: OfferContext): Promise<Passed> {
    const found = await this.#first(context, (offer) => offer.readResource?.(uri, context));
    if (found) return found;
    throw new InputError(
      "unknown_resource",
      `There is no resource "${uri}"; resources/list shows what there is`,
      { data: { uri } },
    );
  }

  async subscribe(uri: string, caller: Caller): Promise<void> {
    const others = this.#subscribers.get(uri) ?? 0;
    this.#subscribers.set(uri, others + 1);
    if (others > 0) return;
    await Promise.all(this.#sources(caller).map(({ offer }) => offer.subscribe?.(uri)));
  }

  async unsubscribe(uri: string, caller: Caller): Promise<void> {
    const others = (this.#subscribers.get(uri) ?? 0) - 1;
    if (others > 0) this.#subscribers.set(uri, others);
    else this.#subscribers.delete(uri);
    if (others !== 0) return;
    await Promise.all(this.#sources(caller).map(({ offer }) => offer.unsubscribe?.(uri)));
  }

  /** Exposed name → where it leads; a name of two sources is qualified in both. */
  async #prompts(
    context: OfferContext,
  ): Promise<ReadonlyMap<string, { readonly category: string; readonly prompt: PromptInfo }>> {
    const lists = await this.#gather(context, (offer) => offer.listPrompts?.(context));
    const all = lists.flatMap(({ category, items }) =>
      items.map((prompt) => ({ category, prompt })),
    );
    const isShared = (name: string): boolean =>
      all.filter(({ prompt }) => prompt.name === name).length > 1;
    return new Map(
      all.map((entry) => {
        const { name } = entry.prompt;
        return [isShared(name) ? `${entry.category}_${name}` : name, entry];
      }),
    );
  }

  async listPrompts(context: OfferContext): Promise<readonly PromptInfo[]> {
    return [...(await this.#prompts(context))].map(([name, { prompt }]) => ({ ...prompt, name }));
  }

  async getPrompt(
    name: string,
    args: Readonly<Record<string, string>>,
    context: OfferContext,
  ): Promise<Passed> {
    const prompts = await this.#prompts(context);
    const known = prompts.get(name);
    const offer = known && this.#registry.category(known.category)?.offer;
    const found = known && (await offer?.getPrompt?.(known.prompt.name, args, context));
    if (found) return found;
    const near = nearest(name, prompts.keys());
    const hint =
      near.length > 0 ? `did you mean ${near.join(" or ")}?` : "prompts/list shows what there is";
    throw new InputError("unknown_prompt", `There is no prompt "${name}": ${hint}`, {
      data: { prompt: name, nearest: near },
    });
  }

  async complete(params: Passed, context: OfferContext): Promise<Passed> {
    const found = await this.#first(context, (offer) => offer.complete?.(params, context));
    return found ?? NO_COMPLETION;
  }
}
