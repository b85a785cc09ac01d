/** A few connections for what is asked beside the transactions. @module */

import type { Connect, Link } from "./postgres-client.ts";
import type { Row, Value } from "./postgres-sql.ts";

const LINKS = 4;

/** Asks over each connection in turn; they are opened when they are needed. */
export class Lookups {
  readonly #links: Link[];

  constructor(connect: Connect) {
    this.#links = Array.from({ length: LINKS }, () => connect());
  }

  ask(text: string, values: readonly Value[]): Promise<readonly Row[]> {
    const link = this.#links.shift();
    if (!link) throw new RangeError("There are no connections");
    this.#links.push(link);
    return link.ask(text, values);
  }

  async close(): Promise<void> {
    await Promise.all(this.#links.map((link) => link.close()));
  }
}
