/** Resources, prompts and completions of a mounted server, as an offer of its category. @module */

import type {
  Offer,
  OfferContext,
  Passed,
  PromptInfo,
  ResourceInfo,
  ResourceTemplateInfo,
} from "../registry/offer.ts";
import type { Catalog, Listed } from "./catalog.ts";
import type { Connection } from "./connection.ts";
import { answerable, roundOf, withRound } from "./rounds.ts";
import type { RpcObject } from "./rpc.ts";
import { cleanJson, cutTexts, type Stripped, withoutReserved } from "./sanitize.ts";
import type { Supervisor } from "./supervisor.ts";

/** What an offer needs. */
export interface OfferNeeds {
  readonly catalog: Pick<Catalog, "data">;
  readonly supervisor: Pick<Supervisor, "connection" | "ready">;
  readonly stripped: Stripped;
  /** Resources of which the server is to say when they change; kept over restarts. */
  readonly watched: Set<string>;
}

const MAX_TEXT = 4_000;

/** The offer of one server; lists come from its catalog and never wait for it. */
export function createOffer(needs: OfferNeeds): Offer {
  const { catalog, supervisor, watched } = needs;
  const shown = <T>(items: readonly Listed[] | undefined): readonly T[] =>
    (items ?? []).map((item) => cutTexts(cleanJson(item, needs.stripped), MAX_TEXT) as T);
  const ask = async (method: string, params: RpcObject, context: OfferContext) => {
    const connection = await supervisor.ready();
    return passed(
      await connection.request(method, withRound(params, context), requestFor(connection, context)),
    );
  };
  const watch = async (): Promise<void> => (await supervisor.ready()).watchResources([...watched]);
  return {
    listResources: async () => shown<ResourceInfo>(catalog.data?.resources),
    listResourceTemplates: async () => shown<ResourceTemplateInfo>(catalog.data?.templates),
    listPrompts: async () => shown<PromptInfo>(catalog.data?.prompts),
    async readResource(uri, context) {
      const found = originalOf(catalog.data?.resources, "uri", uri);
      if (found === undefined && !mayHave(catalog.data?.templates, uri)) return undefined;
      return ask("resources/read", { uri: found ?? uri }, context);
    },
    async subscribe(uri) {
      const found = originalOf(catalog.data?.resources, "uri", uri);
      if (found === undefined && !mayHave(catalog.data?.templates, uri)) return;
      watched.add(found ?? uri);
      await watch();
    },
    async unsubscribe(uri) {
      if (watched.delete(originalOf(catalog.data?.resources, "uri", uri) ?? uri)) await watch();
    },
    async getPrompt(name, args, context) {
      const found = originalOf(catalog.data?.prompts, "name", name);
      if (found === undefined) return undefined;
      return ask("prompts/get", { name: found, arguments: args }, context);
    },
    async complete(params, context) {
      if (!("completions" in (catalog.data?.capabilities ?? {}))) return undefined;
      const { ref, argument, context: given } = params as RpcObject;
      const known = knownRef(catalog, ref);
      if (!known) return undefined;
      const more = given === undefined ? {} : { context: given };
      return ask("completion/complete", { ref: known, argument, ...more }, context);
    },
  };
}

function requestFor(connection: Connection, context: OfferContext) {
  return {
    signal: context.signal,
    progress: context.progress.bind(context),
    client: connection.era === "modern" ? answerable(context.client) : undefined,
  };
}

function passed(result: RpcObject): Passed {
  if (result.resultType === "input_required") return { ...roundOf(result) };
  const { _meta, resultType: _complete, ...rest } = result;
  const meta = withoutReserved(_meta);
  return meta ? { ...rest, _meta: meta } : rest;
}

/** The text as the server knows it, of what clients know without its hidden characters. */
function originalOf(
  items: readonly Listed[] | undefined,
  key: string,
  shown: unknown,
): string | undefined {
  for (const item of items ?? []) {
    const original = item[key];
    if (typeof original === "string" && cleanJson(original, { count: 0 }) === shown)
      return original;
  }
  return undefined;
}

/** Whether a URI may come from one of these templates: it begins as the template does. */
function mayHave(templates: readonly Listed[] | undefined, uri: string): boolean {
  return (templates ?? []).some(({ uriTemplate }) => {
    if (typeof uriTemplate !== "string") return false;
    const prefix = uriTemplate.split("{", 1)[0] ?? "";
    return prefix.includes(":") && uri.startsWith(prefix);
  });
}

function knownRef({ data }: Pick<Catalog, "data">, ref: unknown): RpcObject | undefined {
  if (typeof ref !== "object" || ref === null) return undefined;
  const { type, name, uri } = ref as RpcObject;
  if (type === "ref/prompt") {
    const found = originalOf(data?.prompts, "name", name);
    return found === undefined ? undefined : { type, name: found };
  }
  const found =
    originalOf(data?.templates, "uriTemplate", uri) ?? originalOf(data?.resources, "uri", uri);
  return found === undefined ? undefined : { type, uri: found };
}
