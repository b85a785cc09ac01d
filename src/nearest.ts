/**
 * The valid names nearest to one that does not exist, for errors that help.
 *
 * @module
 */

import { distance } from "fastest-levenshtein";

const normalized = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

/**
 * Up to `limit` of `names` that a person may have meant by `wrong`, best first.
 *
 * Edit distance over letters and digits only, so `readFile` finds `read_file`; a name that
 * contains the wrong one counts as near too.
 */
export function nearest(wrong: string, names: Iterable<string>, limit = 3): string[] {
  const target = normalized(wrong.slice(0, 128));
  const scored: { name: string; score: number }[] = [];
  for (const name of names) {
    const candidate = normalized(name);
    const edits = distance(target, candidate);
    const contains =
      target.length > 2 && (candidate.includes(target) || target.includes(candidate));
    const score = contains ? Math.min(edits, 2) : edits;
    if (score <= Math.max(2, Math.ceil(candidate.length / 2.5))) scored.push({ name, score });
  }
  scored.sort((a, b) => a.score - b.score || (a.name < b.name ? -1 : 1));
  return scored.slice(0, limit).map(({ name }) => name);
}
