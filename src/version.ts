/** The version of this package; `tests/architecture` compares it with package.json. @module */

export const VERSION: string = "0.1.0";
