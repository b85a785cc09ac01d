/**
 * What is used of Papa Parse.
 *
 * `@types/papaparse` brings the types of Node along, and with them its globals: the compiler could
 * then no longer tell that this folder does without.
 */
declare module "papaparse/papaparse.min.js" {
  interface ParserConfig {
    readonly delimiter: string;
    readonly newline: "\n" | "\r" | "\r\n";
  }

  interface ParseResult {
    readonly data: string[][];
    /** Each with the index of the row that it is in. */
    readonly errors: readonly { readonly row: number }[];
  }

  class Parser {
    constructor(config: ParserConfig);
    parse(text: string, baseIndex: number, ignoreLastRow: boolean): ParseResult;
  }

  const Papa: { readonly Parser: typeof Parser };
  export default Papa;
}
