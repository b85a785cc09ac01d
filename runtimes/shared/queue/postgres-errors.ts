/** What PostgreSQL's errors mean for whoever uses the queue; no sentence holds the password. @module */

import { InputError, MeshError, messageOf, UnavailableError } from "../../../src/errors.ts";
import { SCHEMA_VERSION } from "./postgres-schema.ts";

/** Where a database is, for people. */
export interface PostgresPlace {
  readonly server: string;
  readonly database: string;
  readonly user: string;
}

/** The place that a URL names. */
export function placeOf(url: string): PostgresPlace {
  try {
    const { protocol, host, pathname, username } = new URL(url);
    if (!/^postgres(?:ql)?:$/.test(protocol) || host === "") throw new TypeError(protocol);
    const database = decodeURIComponent(pathname.slice(1));
    return { server: host, database, user: decodeURIComponent(username) };
  } catch {
    // The error of `URL` holds what it was given, and with it the password.
    throw new InputError(
      "invalid_config",
      "The URL of the queue's database is none: it is written postgres://user:password@host:5432/database",
    );
  }
}

/** SQLSTATE classes and codes (PostgreSQL, appendix A), and those of sockets. */
const MEANINGS: readonly (readonly [RegExp, (place: PostgresPlace) => string])[] = [
  [
    /^(28P01|28000)$/,
    ({ server, user }) => `${server} does not let the user "${user}" in: check name and password`,
  ],
  [
    /^3D000$/,
    ({ server, database }) => `${server} has no database "${database}": create it, or name another`,
  ],
  [
    /^42501$/,
    ({ user, database }) =>
      `the user "${user}" lacks a right there: it needs CREATE on the database "${database}"`,
  ],
  [/^53300$/, ({ server }) => `${server} has no connection left: raise its max_connections`],
  [/^53100$/, ({ server }) => `the disk of ${server} is full: nothing is accepted until it is not`],
  [/^(55P03|57014)$/, () => "another server held the queue for too long; it is tried again"],
  [/^(40|25P03)/, () => "the transaction was undone there; it is tried again"],
  [/^57P/, ({ server }) => `${server} is stopping or starting; it is tried again`],
  [
    /^(CONNECTION_CLOSED|CONNECTION_DESTROYED|ECONNRESET|EPIPE)$/,
    ({ server }) => `the connection to ${server} was lost, perhaps after the change was made`,
  ],
  [
    /^(E[A-Z]+|CONNECTION_\w+|CONNECT_TIMEOUT|08\w{3})$/,
    ({ server }) => `${server} cannot be reached: check that it runs and that the address is right`,
  ],
];

/** The error as one of ours; what does not come from PostgreSQL or its socket is left as it is. */
export function explain(place: PostgresPlace, cause: unknown): unknown {
  if (cause instanceof MeshError || !(cause instanceof Error) || !("code" in cause)) return cause;
  const code = String(cause.code);
  const said = `${messageOf(cause)} (${code})`;
  const meaning = MEANINGS.find(([codes]) => codes.test(code))?.[1](place);
  const why = meaning === undefined ? said : `${meaning}. It said: ${said}`;
  return unavailable(place, why, cause);
}

/** The tables were made by a later version of this program. */
export function laterVersion(place: PostgresPlace, found: number): UnavailableError {
  const why = `its tables are of a later version of this program (${found}, known here ${SCHEMA_VERSION}): update, or choose another database`;
  return unavailable(place, why);
}

/** The queue in this place cannot be used. */
export function unavailable(place: PostgresPlace, why: string, cause?: unknown): UnavailableError {
  const { server, database } = place;
  const message = `The queue in the PostgreSQL database "${database}" cannot be used: ${why}`;
  return new UnavailableError("storage_unavailable", message, {
    cause,
    data: { server, database },
  });
}
