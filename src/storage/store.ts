/**
 * The Store contract: ordered text keys, byte values, atomic batches.
 *
 * `tests/contract/store.ts` is the suite that every implementation passes.
 *
 * @module
 */

/** One key with its value. */
export interface Entry {
  readonly key: string;
  readonly value: Uint8Array;
}

/** Which keys a scan visits, in ascending order of their UTF-8 bytes. */
export interface ScanOptions {
  readonly prefix: string;
  /** Only keys after this one. */
  readonly after?: string;
  readonly limit?: number;
}

/** One change of a batch; without `value` the key is removed. */
export interface Write {
  readonly key: string;
  readonly value?: Uint8Array;
}

/** A small durable map. What `write` resolved for survives a crash of the process. */
export interface Store {
  get(key: string): Promise<Uint8Array | undefined>;
  scan(options: ScanOptions): AsyncIterable<Entry>;
  /** All of the writes, or none. */
  write(writes: readonly Write[]): Promise<void>;
  close(): Promise<void>;
}
