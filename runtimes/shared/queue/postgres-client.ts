/** Connections to PostgreSQL, as the queue wants them. @module */

import type { Sql } from "postgres";
import { SCHEMA } from "./postgres-schema.ts";
import type { Run } from "./postgres-sql.ts";

/**
 * A queue's statements go through few rows of tables that grow fast, where plans that were made for
 * empty ones would read the whole.
 */
const PLANS = {
  plan_cache_mode: "force_generic_plan",
  enable_seqscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
  jit: "off",
};

/** A server that stands still must not keep the others from a queue that it has locked. */
const PATIENCE = { idle_in_transaction_session_timeout: "5000", lock_timeout: "15000" };

const SESSION = { application_name: "mcplusplus", search_path: SCHEMA };

const OPTIONS = {
  max: 1,
  // One that ended by its age in the midst of a transaction would undo it.
  max_lifetime: null,
  idle_timeout: 60,
  connect_timeout: 10,
  fetch_types: false,
  onnotice: () => undefined,
  types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
};

/** What a connection is for. */
export interface LinkOptions {
  readonly isForTransactions?: boolean;
  /** What other servers tell; one that hears is never idle. */
  readonly heard?: (notice: string) => void;
  readonly lost?: () => void;
}

/** Opens connections to one database. */
export type Connect = (options?: LinkOptions) => Link;

/** The driver is loaded when it is first needed: hosts without PostgreSQL pay nothing for it. */
export async function openPostgres(url: string): Promise<Connect> {
  const { default: postgres } = await import("postgres");
  return ({ isForTransactions = false, heard, lost } = {}) =>
    new Link((closed) => {
      const options = {
        ...OPTIONS,
        connection: isForTransactions ? { ...SESSION, ...PLANS, ...PATIENCE } : SESSION,
        onclose: () => {
          closed();
          lost?.();
        },
        ...(heard && {
          idle_timeout: null,
          onnotify: (_: string, notice: string) => heard(notice),
        }),
      };
      // Its types do not foresee that `bigint` is a number, nor `null` for no limit.
      return postgres(url, options as object) as unknown as Sql;
    });
}

/**
 * One connection; where it is lost, a new client of the driver opens the next.
 *
 * postgres 3.4.9 would open it again by itself, but keeps what the old one had not sent and the error
 * that ended it: the new one then hangs, or its first query gets that error.
 */
export class Link {
  readonly #connect: (closed: () => void) => Sql;
  #client: Sql | undefined;
  #opening: Promise<Sql> | undefined;

  constructor(connect: (closed: () => void) => Sql) {
    this.#connect = connect;
  }

  get isOpen(): boolean {
    return this.#client !== undefined;
  }

  /** See that it is open. */
  open(): Promise<Sql> {
    if (this.#client) return Promise.resolve(this.#client);
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  /** Send a statement at once, over the connection that is open. */
  readonly run: Run = (text, values = []) => {
    if (this.#client) return this.#client.unsafe(text, [...values], { prepare: true }).execute();
    const closed = Object.assign(new Error("it is closed"), { code: "CONNECTION_CLOSED" });
    return Promise.reject(closed);
  };

  /** Open it where it is not, and ask; once more, where it is lost before there is an answer. */
  async ask(...[text, values]: Parameters<Run>): ReturnType<Run> {
    await this.open();
    try {
      return await this.run(text, values);
    } catch (error) {
      if (!isLoss(error)) throw error;
      await this.open();
      return this.run(text, values);
    }
  }

  async close(): Promise<void> {
    const client = await this.#opening?.catch(() => undefined);
    await (client ?? this.#client)?.end({ timeout: 5 });
  }

  async #open(): Promise<Sql> {
    const client: Sql = this.#connect(() => this.#lose(client));
    try {
      await client.unsafe("SELECT 1");
    } catch (error) {
      this.#lose(client);
      throw error;
    }
    this.#client = client;
    return client;
  }

  #lose(client: Sql): void {
    if (this.#client === client) this.#client = undefined;
    // What still waits in it is told so at once.
    client.end({ timeout: 0 }).catch(() => undefined);
  }
}

/** A connection that was lost, as the server or the socket tells it. */
function isLoss(error: unknown): boolean {
  if (!(error instanceof Error && "code" in error)) return false;
  return /^(57P0[123]|CONNECTION_CLOSED|CONNECTION_DESTROYED|ECONNRESET|EPIPE)$/.test(
    String(error.code),
  );
}
