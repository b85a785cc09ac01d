/** A {@link Store} seen under a prefix, so that modules cannot meet in each other's keys. @module */

import type { Store } from "./store.ts";

/** The part of `store` whose keys begin with `prefix`; closing it leaves `store` open. */
export function createNamespace(store: Store, prefix: string): Store {
  return {
    get: (key) => store.get(prefix + key),
    async *scan(options) {
      const { after } = options;
      const found = store.scan({
        ...options,
        prefix: prefix + options.prefix,
        ...(after !== undefined && { after: prefix + after }),
      });
      for await (const { key, value } of found) yield { key: key.slice(prefix.length), value };
    },
    write: (writes) => store.write(writes.map((write) => ({ ...write, key: prefix + write.key }))),
    close: () => Promise.resolve(),
  };
}
