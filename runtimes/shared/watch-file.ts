/** Notices that a file was written, replaced or removed. @module */

import { statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";

/** Bun 1.4 drops an event that follows its like within a millisecond: look again this much later. */
const SECOND_LOOK_MS = 20;

/** What differs after any change that matters; a missing file has a state of its own. */
function stateOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? `${found.ino} ${found.size} ${found.mtimeMs}` : "missing";
}

/**
 * Call `changed` after each change of the file; returns the stop function.
 *
 * The folder is watched, because editors replace a file by renaming another over it, which ends
 * a watch of the file itself. An event that names another file may be ours all the same: a
 * mounted configuration changes by a link beside it. One change may be told more than once.
 */
export function watchFile(path: string, changed: () => void): () => void {
  let known = stateOf(path);
  let secondLook: NodeJS.Timeout | undefined;
  const look = (isNamed: boolean): void => {
    const state = stateOf(path);
    if (state === known && !isNamed) return;
    known = state;
    changed();
  };
  const watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
    look(name === basename(path));
    clearTimeout(secondLook);
    secondLook = setTimeout(look, SECOND_LOOK_MS, false).unref();
  });
  return () => {
    clearTimeout(secondLook);
    watcher.close();
  };
}
