/** Text → search terms: identifiers split, stop words dropped, endings cut. @module */

import { thesaurus } from "./thesaurus.ts";

const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    "a about all an and any are as at be been being but by can could do does doing each for from " +
    "get has have having how i if in into is it its let me my need of on one or our out please should " +
    "so some than that the their them then there these this those to up us use used using via want was " +
    "we were what when where which while who will with would you your tool"
  ).split(" "),
);

const ENDINGS: readonly (readonly [RegExp, string])[] = [
  [/ies$/, "y"],
  [/(ss|sh|ch|x|z)es$/, "$1"],
  [/([^su])s$/, "$1"],
  [/([a-z]{3,})ing$/, "$1"],
  [/([a-z]{3,})ed$/, "$1"],
];

/** `listings`, `listing`, `listed` → `list`; rough, but the same for documents and queries. */
function cut(word: string): string {
  let stem = word;
  if (stem.length < 4) return stem;
  for (const [ending, replacement] of ENDINGS) stem = stem.replace(ending, replacement);
  // `merg(ing)` and `merge`, `stopp(ed)` and `stop` meet again here.
  return stem.length > 4 ? stem.replace(/e$/, "").replace(/([bdgmnprt])\1$/, "$1") : stem;
}

/** Cut word → cut words that tools may use for it. */
const MEANINGS: ReadonlyMap<string, ReadonlySet<string>> = (() => {
  const map = new Map<string, Set<string>>();
  for (const [word, others] of thesaurus) {
    const meanings = map.get(cut(word)) ?? new Set<string>();
    for (const other of others) meanings.add(cut(other));
    map.set(cut(word), meanings);
  }
  return map;
})();

/** The search terms of a text, in order, repeated as they occur. */
export function termsOf(text: string): string[] {
  return wordsOf(text)
    .filter((word) => !STOP_WORDS.has(word))
    .map(cut);
}

function wordsOf(text: string): string[] {
  return text
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .normalize("NFKD")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length > 0);
}

/** One thing a query asks for: its own term, and others that may mean the same. */
export interface Concept {
  /** Left out where the word is too common to be searched for itself. */
  readonly term?: string;
  readonly meanings: readonly string[];
}

/** What a query asks for; words that say nothing by themselves count where they mean something here. */
export function conceptsOf(query: string): readonly Concept[] {
  const concepts = new Map<string, Concept>();
  for (const term of wordsOf(query)) {
    const isStop = STOP_WORDS.has(term);
    const stem = cut(term);
    const meanings = [...(MEANINGS.get(stem) ?? [])].filter((other) => other !== stem);
    if (isStop && meanings.length === 0) continue;
    concepts.set(stem, { ...(!isStop && { term: stem }), meanings });
  }
  return [...concepts.values()];
}
