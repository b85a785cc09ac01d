/** What the JUnit files of test runners say, in sums. @module */

import { readFile } from "node:fs/promises";

/** How many tests ended how. */
export interface Sums {
  passed: number;
  failed: number;
  skipped: number;
  /** What was skipped, with the reason where the runner tells it. */
  readonly left: string[];
}

/** The leaves of a report; a program that wrote none counts as a single test. */
export async function sumsOf(report: string, code: number): Promise<Sums> {
  const xml = await readFile(report, "utf8").catch(() => "");
  const cases = xml.match(/<testcase\b[^>]*?(?:\/>|>[\s\S]*?<\/testcase>)/g) ?? [];
  if (cases.length === 0) {
    const isWell = code === 0;
    return { passed: isWell ? 1 : 0, failed: isWell ? 0 : 1, skipped: 0, left: [] };
  }
  const failed = cases.filter((one) => /<(?:failure|error)\b/.test(one)).length;
  const left = cases.filter((one) => /<skipped\b/.test(one)).map(skippedLine);
  const skipped = left.length;
  // A runner that fails outside its tests (a leaked error, a file that does not load) failed once.
  const outside = code !== 0 && failed === 0 ? 1 : 0;
  return { passed: cases.length - failed - skipped, failed: failed + outside, skipped, left };
}

function skippedLine(testcase: string): string {
  const reason = attribute(/<skipped\b[^>]*>/.exec(testcase)?.[0] ?? "", "message");
  return reason ? `${attribute(testcase, "name")}: ${reason}` : attribute(testcase, "name");
}

const attribute = (element: string, name: string): string =>
  new RegExp(`\\b${name}="([^"]*)"`).exec(element)?.[1] ?? "";
