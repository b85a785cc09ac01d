/**
 * A strict reader of the text exposition format 0.0.4, as its specification words it: it throws at
 * the first line that is not right.
 *
 * @module
 */

/** One sample line. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One metric with its samples. */
export interface ParsedFamily {
  readonly name: string;
  help: string | undefined;
  type: string | undefined;
  readonly samples: Sample[];
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/s;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(?:,|$)/y;
const COMMENT = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/s;
const TYPE = /^(counter|gauge|histogram|summary|untyped)$/;
const NUMBER = /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|NaN|[+-]Inf)$/i;

function unescapeText(text: string, escapes: string): string {
  return text.replaceAll(/\\(.)/g, (whole, char: string) => {
    if (!escapes.includes(char)) throw new Error(`bad escape ${whole}`);
    return char === "n" ? "\n" : char;
  });
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const found = LABEL.exec(text);
    if (!found) throw new Error(`bad labels ${text}`);
    const [, name = "", value = ""] = found;
    if (name in labels) throw new Error(`label ${name} twice`);
    labels[name] = unescapeText(value, '\\n"');
  }
  return labels;
}

function parseNumber(text: string): number {
  if (!NUMBER.test(text)) throw new Error(`bad number ${text}`);
  return Number(text.replace("Inf", "Infinity"));
}

/** Whether a sample of this name belongs to a metric. */
function belongs(sample: string, { name, type }: ParsedFamily): boolean {
  if (type !== "histogram") return sample === name;
  return ["_bucket", "_sum", "_count"].some((suffix) => sample === name + suffix);
}

function checkHistogram({ name, samples }: ParsedFamily): void {
  const series = Map.groupBy(samples, ({ labels: { le: _, ...labels } }) => JSON.stringify(labels));
  for (const [key, own] of series) {
    const buckets = own.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => parseNumber(labels.le ?? ""));
    const counts = buckets.map(({ value }) => value);
    const count = own.find((sample) => sample.name === `${name}_count`)?.value;
    const ascends = (values: number[]): boolean =>
      values.every((value, at) => at === 0 || value >= (values[at - 1] ?? 0));
    if (!ascends(bounds) || !ascends(counts)) throw new Error(`${name}${key}: not cumulative`);
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY) throw new Error(`${name}${key}: no +Inf`);
    if (counts.at(-1) !== count) throw new Error(`${name}${key}: +Inf is not the count`);
    if (!own.some((sample) => sample.name === `${name}_sum`)) throw new Error(`${name}: no sum`);
  }
}

class Reader {
  readonly families = new Map<string, ParsedFamily>();
  readonly #seen = new Set<string>();
  #current: ParsedFamily | undefined;

  comment(kind: string, name: string, rest: string): void {
    const family = this.#current?.name === name ? this.#current : this.#begin(name);
    const field = kind === "HELP" ? "help" : "type";
    if (family.samples.length > 0) throw new Error(`${kind} after the samples of ${name}`);
    if (family[field] !== undefined) throw new Error(`second ${kind} of ${name}`);
    if (field === "type" && !TYPE.test(rest)) throw new Error(`bad type ${rest}`);
    family[field] = field === "help" ? unescapeText(rest, "\\n") : rest;
  }

  #begin(name: string): ParsedFamily {
    if (this.families.has(name)) throw new Error(`${name} is not in one group`);
    const family: ParsedFamily = { name, help: undefined, type: undefined, samples: [] };
    this.families.set(name, family);
    this.#current = family;
    return family;
  }

  sample(line: string): void {
    const [, name = "", labelText = "", valueText = ""] = SAMPLE.exec(line) ?? [];
    if (!this.#current || !belongs(name, this.#current)) throw new Error(`stray line ${line}`);
    const labels = parseLabels(labelText);
    const identity = `${name}${JSON.stringify(Object.entries(labels).sort())}`;
    if (this.#seen.has(identity)) throw new Error(`${identity} twice`);
    this.#seen.add(identity);
    this.#current.samples.push({ name, labels, value: parseNumber(valueText) });
  }
}

/** All metrics of a text, by name. */
export function parsePrometheus(text: string): Map<string, ParsedFamily> {
  if (text !== "" && !text.endsWith("\n")) throw new Error("the last line must end");
  const reader = new Reader();
  for (const line of text.split("\n").slice(0, -1)) {
    const [, kind = "", name = "", rest = ""] = COMMENT.exec(line) ?? [];
    if (kind === "") reader.sample(line);
    else reader.comment(kind, name, rest);
  }
  for (const family of reader.families.values()) {
    if (family.type === "histogram") checkHistogram(family);
  }
  return reader.families;
}
