/** Text → search terms: identifiers split, stop words dropped, endings cut. @module */

const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    "a about all an and any are as at be been being but by can could do does doing each for from " +
    "get has have having how i if in into is it its let me my need of on one or our out please should " +
    "so some than that the their them then there these this those to up us use used using via want was " +
    "we were what when where which while who will with would you your tool"
  ).split(" "),
);

/** Words people use for what tools call otherwise; both sides in their cut form. */
const SYNONYMS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    show: ["list", "view", "display"],
    see: ["list", "view", "read"],
    fetch: ["get", "read", "retrieve"],
    grab: ["get", "read", "capture"],
    open: ["read", "navigate"],
    make: ["create"],
    add: ["create", "insert"],
    new: ["create"],
    remove: ["delete"],
    erase: ["delete"],
    change: ["edit", "update", "modify"],
    modify: ["edit", "update"],
    rename: ["move"],
    find: ["search"],
    look: ["search", "read"],
    folder: ["directory"],
    directory: ["folder"],
    website: ["page", "url", "browser"],
    site: ["page", "url"],
    picture: ["image", "screenshot"],
    photo: ["image"],
    photograph: ["screenshot", "image"],
    ticket: ["issue"],
    bug: ["issue"],
    repo: ["repository"],
    pr: ["pull", "request"],
    message: ["post", "send"],
    sql: ["query", "database"],
    db: ["database"],
    table: ["dataset", "csv"],
    spreadsheet: ["dataset", "csv"],
    run: ["execute", "evaluate"],
    execute: ["run", "evaluate"],
    press: ["click", "key"],
    type: ["fill", "input"],
  }),
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

const CUT_SYNONYMS: ReadonlyMap<string, readonly string[]> = new Map(
  [...SYNONYMS].map(([word, others]) => [cut(word), others.map(cut)]),
);

/** The search terms of a text, in order, repeated as they occur. */
export function termsOf(text: string): string[] {
  return text
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .normalize("NFKD")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length > 0 && !STOP_WORDS.has(word))
    .map(cut);
}

/** A query with the words that tools may use instead of the asker's. */
export function withSynonyms(query: string): string {
  const terms = termsOf(query);
  return [...terms, ...terms.flatMap((term) => CUT_SYNONYMS.get(term) ?? [])].join(" ");
}
