/**
 * Which of an origin's identities a tab has.
 *
 * Two tabs with one key would be one peer at two places: each would get the other's calls, and
 * records of one would be replays to the other. So every tab takes the first identity that no open
 * tab holds (Web Locks), and a page that is loaded again finds its own free.
 *
 * @module
 */

import { messageOf, UnavailableError } from "../../src/errors.ts";
import { createIdentity, type Identity, SEED_BYTES } from "../../src/mesh/identity.ts";
import { createNamespace } from "../../src/storage/namespace.ts";
import type { Store } from "../../src/storage/store.ts";

/** An identity that is this tab's until it is released. */
export interface IdentitySlot {
  readonly identity: Identity;
  /** What belongs to this identity. */
  readonly store: Store;
  release(): void;
}

const SEED_KEY = "seed";

/** Tabs of one origin that may be peers at once; a person has fewer open. */
const MAX_SLOTS = 64;

/** Take an identity of this store; `name` tells stores apart. */
export async function takeIdentity(name: string, store: Store): Promise<IdentitySlot> {
  for (let slot = 0; slot < MAX_SLOTS; slot += 1) {
    const release = await tryLock(`${name}/identity/${slot}`);
    if (!release) continue;
    try {
      const own = createNamespace(store, `identity/${slot}/`);
      return { identity: await identityIn(own), store: own, release };
    } catch (error) {
      release();
      throw error;
    }
  }
  throw new UnavailableError(
    "runtime_unavailable",
    `${MAX_SLOTS} tabs of this site are peers already: close one of them`,
  );
}

/** The function that gives the lock back; `undefined` where another tab has it. */
function tryLock(name: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const held = (lock: Lock | null): Promise<void> | undefined => {
      if (lock) return new Promise((release) => resolve(release));
      resolve(undefined);
      return undefined;
    };
    navigator.locks.request(name, { ifAvailable: true }, held).catch((cause: unknown) => {
      const message = `The browser gave no lock "${name}": ${messageOf(cause)}`;
      reject(new UnavailableError("storage_unavailable", message, { cause }));
    });
  });
}

async function identityIn(store: Store): Promise<Identity> {
  const known = await store.get(SEED_KEY);
  if (known) return createIdentity(known);
  const seed = crypto.getRandomValues(new Uint8Array(SEED_BYTES));
  await store.write([{ key: SEED_KEY, value: seed }]);
  return createIdentity(seed);
}
