/**
 * What a mounted server offers, remembered: categories and search work before it is started, and
 * after it broke.
 *
 * @module
 */

import type { PriorDiscovery } from "@modelcontextprotocol/client";
import type { Clock } from "../concurrency/clock.ts";
import { IntegrityError } from "../errors.ts";
import type { Store } from "../storage/store.ts";
import type { Connection } from "./connection.ts";
import type { RpcObject } from "./rpc.ts";

/** A list that a server has, and may say the change of. */
export type ListKind = "tools" | "prompts" | "resources";

/** A tool, prompt, resource or template as the server sent it. */
export type Listed = RpcObject;

/** Everything that a server offers, as it sent it. */
export interface CatalogData {
  /** Hash of the configuration under which this was seen. */
  readonly fingerprint: string;
  readonly seenAt: number;
  readonly server: string | undefined;
  readonly title: string | undefined;
  readonly instructions: string | undefined;
  readonly era: "modern" | "legacy";
  readonly capabilities: RpcObject;
  readonly prior: PriorDiscovery;
  readonly tools: readonly Listed[];
  readonly prompts: readonly Listed[];
  readonly resources: readonly Listed[];
  readonly templates: readonly Listed[];
}

/** What a catalog needs. */
export interface CatalogNeeds {
  readonly name: string;
  readonly fingerprint: string;
  readonly store: Store;
  readonly clock: Clock;
  /** Called after every change of the data. */
  readonly changed: () => Promise<void>;
  /** One of the less important lists could not be read. */
  readonly trouble: (error: unknown) => void;
  /** Aborted when the server is unmounted: another may keep its lists under the name then. */
  readonly unmounted: AbortSignal;
}

/** The remembered offer of one server. */
export interface Catalog {
  readonly data: CatalogData | undefined;
  /** Read what an earlier run of this server kept. */
  load(): Promise<void>;
  /** Ask the server for these lists again; calls that come while one runs become one more. */
  refresh(connection: Connection, kinds: readonly ListKind[]): Promise<void>;
}

/** An upgraded server still answers as an old one, so that it is old is not believed for ever. */
const LEGACY_PRIOR_MS = 86_400_000;
/** A server that says "changed" all the time is asked at most this often. */
const MIN_GAP_MS = 100;

/** A catalog without data until {@link Catalog.load} or {@link Catalog.refresh}. */
export function createCatalog(needs: CatalogNeeds): Catalog {
  const { store, clock, fingerprint } = needs;
  const key = `upstream/${needs.name}/catalog`;
  let data: CatalogData | undefined;
  let running: Promise<void> | undefined;
  let wanted = new Set<ListKind>();
  let wantedBy: Connection | undefined;

  const keep = async (next: CatalogData): Promise<void> => {
    data = next;
    await needs.changed();
    const value = new TextEncoder().encode(JSON.stringify(next));
    await store.write([{ key, value }]);
  };
  const run = async (): Promise<void> => {
    while (wanted.size > 0 && wantedBy) {
      const [connection, kinds] = [wantedBy, wanted];
      wanted = new Set();
      const next = await ask(needs, connection, kinds, data);
      if (needs.unmounted.aborted) return;
      await keep(next);
      if (wanted.size > 0) await clock.sleep(MIN_GAP_MS);
    }
  };
  return {
    get data() {
      return data;
    },
    async load() {
      const bytes = await store.get(key);
      if (!bytes) return;
      const kept = JSON.parse(new TextDecoder().decode(bytes)) as CatalogData;
      if (kept.fingerprint === fingerprint) data = kept;
    },
    refresh(connection, kinds) {
      for (const kind of kinds) wanted.add(kind);
      wantedBy = connection;
      running ??= run().finally(() => {
        running = undefined;
      });
      return running;
    },
  };
}

/** The remembered era, unless it is too old to be believed. */
export function priorOf(data: CatalogData | undefined, now: number): PriorDiscovery | undefined {
  if (!data) return undefined;
  const isStale = data.prior.kind === "legacy" && now - data.seenAt > LEGACY_PRIOR_MS;
  return isStale ? undefined : data.prior;
}

async function ask(
  { fingerprint, clock, trouble, name }: CatalogNeeds,
  connection: Connection,
  kinds: ReadonlySet<ListKind>,
  before: CatalogData | undefined,
): Promise<CatalogData> {
  const { server, title, instructions, era, prior } = connection;
  const capabilities: RpcObject = connection.capabilities;
  const list = async (
    kind: ListKind,
    method: string,
    field: string,
    kept: readonly Listed[] | undefined,
  ): Promise<readonly Listed[]> => {
    if (!(kind in capabilities)) return [];
    if (!kinds.has(kind) && kept) return kept;
    try {
      return await listAll(name, connection, method, field);
    } catch (error) {
      // Without tools there is nothing to remember, and the next start must ask again.
      if (kind === "tools" && !kept) throw error;
      // Else one list that fails takes none of the others with it.
      trouble(error);
      return kept ?? [];
    }
  };
  const [tools, prompts, resources, templates] = await Promise.all([
    list("tools", "tools/list", "tools", before?.tools),
    list("prompts", "prompts/list", "prompts", before?.prompts),
    list("resources", "resources/list", "resources", before?.resources),
    list("resources", "resources/templates/list", "resourceTemplates", before?.templates),
  ]);
  return {
    ...{ fingerprint, seenAt: clock.now(), server, title, instructions, era, prior },
    ...{ capabilities, tools, prompts, resources, templates },
  };
}

const MAX_PAGES = 64;
const MAX_ITEMS = 5_000;
const LIST_TIMEOUT_MS = 30_000;

async function listAll(
  upstream: string,
  connection: Connection,
  method: string,
  field: string,
): Promise<readonly Listed[]> {
  const items: Listed[] = [];
  let cursor: unknown;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const params = cursor === undefined ? {} : { cursor };
    const signal = AbortSignal.timeout(LIST_TIMEOUT_MS);
    const result = await connection.request(method, params, { isRaw: true, signal });
    const found = result[field];
    if (!Array.isArray(found)) {
      throw new IntegrityError(
        "schema_mismatch",
        `"${upstream}" answered ${method} without a list`,
        {
          data: { upstream, method },
        },
      );
    }
    items.push(...found.filter((item) => typeof item === "object" && item !== null));
    const next = result.nextCursor;
    if (items.length >= MAX_ITEMS || next === undefined || next === null || next === cursor) break;
    cursor = next;
  }
  return items.slice(0, MAX_ITEMS);
}
