/** Faults of a configuration, told together and each with its place. @module */

import type * as v from "valibot";
import { InputError } from "../errors.ts";
import { nearest } from "../nearest.ts";
import type { SettingKey } from "./config.ts";
import { knownKeysAt } from "./json-schema.ts";
import { settingOf } from "./schema.ts";

/** A step into a value: a key or an index. */
export type PathPart = string | number;

/** One fault. */
export interface Problem {
  /** `mcpp.yaml:3:5`, `flag --port`, `environment MCPP_PORT`. */
  readonly where: string;
  readonly path: string;
  readonly message: string;
  readonly nearest?: readonly string[];
}

/** `["auth", "keys", 0, "id"]` → `auth.keys[0].id`. */
export function formatPath(parts: readonly PathPart[]): string {
  return parts
    .map((part, at) => (typeof part === "number" ? `[${part}]` : at === 0 ? part : `.${part}`))
    .join("");
}

/** "; did you mean …?", or what there is when nothing is near. */
export function hintOf(near: readonly string[], known: readonly string[]): string {
  if (near.length > 0) return `; did you mean ${near.join(" or ")}?`;
  return known.length > 0 ? `; there are ${known.join(", ")}` : "";
}

/** A key that does not exist. */
export function unknownKey(
  where: string,
  parts: readonly PathPart[],
  known: readonly string[],
): Problem {
  const near = nearest(String(parts.at(-1)), known);
  const path = formatPath(parts);
  const message = `there is no setting ${path}${hintOf(near, known)}`;
  return { where, path, message, nearest: near };
}

type Issue = v.BaseIssue<unknown>;

/** The issues of a union are those of its alternatives; the deepest one is what a person meant. */
function meantBy(issue: Issue): readonly { readonly issue: Issue; readonly parts: PathPart[] }[] {
  const parts = (issue.path ?? []).map(({ key }) => key as PathPart);
  const inner = (issue.issues ?? []).flatMap(meantBy).filter(({ parts: deep }) => deep.length > 0);
  if (inner.length === 0) return [{ issue, parts }];
  const depth = Math.max(...inner.map(({ parts: deep }) => deep.length));
  return inner
    .filter(({ parts: deep }) => deep.length === depth)
    .map((found) => ({ issue: found.issue, parts: [...parts, ...found.parts] }));
}

function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? "nothing";
  return json.length > 60 ? `${json.slice(0, 57)}…` : json;
}

/** The names in `("meta" | "flat")` that are near to what was given. */
function nearestOption({ expected, input }: Issue): readonly string[] {
  const options = [...(expected ?? "").matchAll(/"([^"]+)"/g)].flatMap(([, name]) => name ?? []);
  return typeof input === "string" ? nearest(input, options) : [];
}

function sentence(issue: Issue, path: string, isSecret: boolean): string {
  const { message, expected, input } = issue;
  if (input === undefined && issue.path) return `${path} is missing`;
  // valibot's own messages start so; the others are sentences of ours and say more.
  if (!message.startsWith("Invalid ")) {
    return message.startsWith("must ") ? `${path} ${message}` : `${path}: ${message}`;
  }
  const wanted = expected?.replace(/^>=/, "at least ").replace(/^<=/, "at most ") ?? "valid";
  const got = isSecret ? "" : `, got ${shown(input)}`;
  return `${path} must be ${wanted}${got}${hintOf(nearestOption(issue), [])}`;
}

/** Where the value stands whose faults are told. */
export interface ValuePlace {
  readonly key: SettingKey;
  /** The path of the setting as its source spells it. */
  readonly path: readonly PathPart[];
  whereOf(path: readonly PathPart[]): string;
}

/** The faults that valibot found in the value of a setting. */
export function problemsOf(
  issues: readonly Issue[],
  { key, path: base, whereOf }: ValuePlace,
): readonly Problem[] {
  const secrets = settingOf(key).secrets ?? [];
  return issues.flatMap(meantBy).map(({ issue, parts }) => {
    const full = [...base, ...parts];
    const where = whereOf(full);
    if (issue.type === "strict_object" && issue.expected === "never") {
      return unknownKey(where, full, knownKeysAt(key, parts.slice(0, -1)));
    }
    const path = formatPath(full);
    const isSecret = parts.some((part) => secrets.includes(String(part)));
    return { where, path, message: sentence(issue, path, isSecret) };
  });
}

/** All faults as one error. */
export function configError(problems: readonly Problem[]): InputError {
  const lines = problems.map(({ where, message }) => (where ? `${where}: ${message}` : message));
  const text =
    lines.length === 1
      ? lines.join()
      : `${lines.length} faults\n${lines.map((line) => `  ${line}`).join("\n")}`;
  const [first] = problems;
  return new InputError("invalid_config", text, {
    data: { problems, ...(first?.nearest?.length && { nearest: first.nearest }) },
  });
}
