/** Work that is done one after the other, where it is about the same thing. @module */

/** A queue of work for each key. */
export class KeyedMutex {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Do it when all that was asked before under this key is over. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const turn = before.then(work);
    const over = turn.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(key, over);
    await over;
    if (this.#last.get(key) === over) this.#last.delete(key);
    return turn;
  }
}
