/** Settings as a file, the environment and flags give them, each checked by its row of the table. @module */

import * as v from "valibot";
import { nearest } from "../nearest.ts";
import type { SettingKey } from "./config.ts";
import type { FileTree } from "./file-tree.ts";
import { folderOf } from "./paths.ts";
import { hintOf, type PathPart, type Problem, problemsOf, unknownKey } from "./problems.ts";
import { environmentNameOf, settingKeys, settingOf } from "./schema.ts";

/** A setting given on the command line. */
export interface FlagValue {
  /** A setting's key as somebody typed it; a wrong one is refused. */
  readonly key: string;
  /** Several texts where a flag was repeated. */
  readonly text: string | readonly string[];
  /** As in `--port`. */
  readonly flag: string;
}

/** A setting's value and where it came from. */
export interface Found {
  readonly value: unknown;
  /** For people who ask: `file mcpp.yaml:3`. */
  readonly origin: string;
  /** For errors: `mcpp.yaml:3:5`. */
  readonly where: string;
  /** Relative paths start here. */
  readonly folder: string;
}

/** What was read so far; later sources replace earlier ones. */
export interface Reading {
  readonly found: Map<SettingKey, Found>;
  readonly problems: Problem[];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The paths in a file's first two levels that are neither a setting nor a part with settings. */
function strangersIn(root: Readonly<Record<string, unknown>>): readonly (readonly string[])[] {
  const leaves: ReadonlySet<string> = new Set([...settingKeys, "servers", "$schema"]);
  return Object.entries(root).flatMap(([key, inner]) => {
    if (leaves.has(key)) return [];
    if (namesBeside([key, ""]).length === 0) return [[key]];
    return Object.keys(isObject(inner) ? inner : {})
      .filter((name) => !leaves.has(`${key}.${name}`))
      .map((name) => [key, name]);
  });
}

/** The names that a path's last part could have been. */
function namesBeside(path: readonly string[]): readonly string[] {
  const parts = settingKeys.map((key) => key.split("."));
  return path.length === 1
    ? [...new Set(parts.flatMap(([first]) => first ?? []))]
    : parts.flatMap(([first, name]) => (first === path[0] && name ? [name] : []));
}

/** VS Code calls it `servers`, Claude `mcpServers`. */
function keyInFile(root: Readonly<Record<string, unknown>>, key: SettingKey): readonly string[] {
  return key === "mcpServers" && root.mcpServers === undefined ? ["servers"] : key.split(".");
}

/** Settings by name as somebody wrote them, and words for the places where they stand. */
interface Written {
  readonly value: unknown;
  readonly folder: string;
  readonly originOf: (path: readonly string[]) => string;
  readonly whereOf: (path: readonly PathPart[]) => string;
}

/** Read the settings of a file. */
export function readFile(tree: FileTree, reading: Reading): void {
  const written: Written = {
    value: tree.value,
    folder: folderOf(tree.path),
    originOf: (path) => `file ${tree.path}:${tree.locate(path).line}`,
    whereOf: (path) => {
      const { line, column } = tree.locate(path);
      return `${tree.path}:${line}:${column}`;
    },
  };
  readWritten(written, reading);
}

/** Read the settings that a program gives as an object. */
export function readGiven(value: object, folder: string, reading: Reading): void {
  const whereOf: Written["whereOf"] = (path) => ["config", ...path].join(".");
  readWritten({ value, folder, originOf: () => "program", whereOf }, reading);
}

function readWritten(tree: Written, reading: Reading): void {
  const { problems } = reading;
  const { whereOf } = tree;
  // An empty file, or one that is all comments, says nothing; so does a key without a value.
  const root = tree.value ?? {};
  if (!isObject(root)) {
    problems.push({ where: whereOf([]), path: "", message: "the file must hold settings by name" });
    return;
  }
  for (const path of strangersIn(root)) {
    problems.push(unknownKey(whereOf(path), path, namesBeside(path)));
  }
  for (const section of Object.keys(root)) {
    const names = namesBeside([section, ""]);
    if (names.length === 0 || isObject(root[section] ?? {})) continue;
    const message = `${section} must hold settings by name: ${names.join(", ")}`;
    problems.push({ where: whereOf([section]), path: section, message });
  }
  if (root.mcpServers !== undefined && root.servers !== undefined) {
    const message = "mcpServers and servers mean the same: keep one of them";
    problems.push({ where: whereOf(["servers"]), path: "servers", message });
  }
  for (const key of settingKeys) readSetting(key, tree, root, reading);
}

function readSetting(
  key: SettingKey,
  { folder, originOf, whereOf }: Written,
  root: Readonly<Record<string, unknown>>,
  reading: Reading,
): void {
  const path = keyInFile(root, key);
  let given: unknown = root;
  for (const part of path) given = isObject(given) ? (given[part] ?? undefined) : undefined;
  if (given === undefined) return;
  const parsed = v.safeParse(settingOf(key).schema, given);
  keep(
    key,
    parsed.success
      ? { value: parsed.output, origin: originOf(path), where: whereOf(path), folder }
      : problemsOf(parsed.issues, { key, path, whereOf }),
    reading,
  );
}

/** A text as the values that it may stand for, likeliest first. */
function readings(text: string): readonly unknown[] {
  const list = text.split(",").flatMap((part) => part.trim() || []);
  try {
    return [text, JSON.parse(text), list];
  } catch {
    return [text, list];
  }
}

/** A setting from the text of a flag or variable: as it stands, as JSON, or as a list with commas. */
function readText(
  key: SettingKey,
  text: FlagValue["text"],
  origin: string,
  folder: string,
): Found | readonly Problem[] {
  const { schema } = settingOf(key);
  const candidates = typeof text === "string" ? readings(text) : [text];
  for (const candidate of candidates) {
    const parsed = v.safeParse(schema, candidate);
    if (parsed.success) return { value: parsed.output, origin, where: origin, folder };
  }
  const meant = candidates.find((candidate) => isObject(candidate)) ?? candidates[0];
  const { issues = [] } = v.safeParse(schema, meant);
  return problemsOf(issues, { key, path: key.split("."), whereOf: () => origin });
}

function keep(
  key: SettingKey,
  result: Found | readonly Problem[],
  { found, problems }: Reading,
): void {
  if ("origin" in result) found.set(key, result);
  else problems.push(...result);
}

/** Read the variables; returns a sentence for each that looks like ours and is not. */
export function readEnvironment(
  environment: Readonly<Record<string, string>>,
  workingFolder: string,
  reading: Reading,
): readonly string[] {
  // No settings: they say which file to read, and who asks a running server.
  const variables = new Set(["MCPP_CONFIG", "MCPP_KEY"]);
  for (const key of settingKeys) {
    for (const variable of [settingOf(key).alias, environmentNameOf(key)]) {
      if (variable === undefined) continue;
      variables.add(variable);
      const text = environment[variable];
      if (!text) continue;
      keep(key, readText(key, text, `environment ${variable}`, workingFolder), reading);
    }
  }
  const strangers = Object.keys(environment).filter(
    (variable) => variable.startsWith("MCPP_") && !variables.has(variable),
  );
  return strangers.map((variable) => {
    const near = nearest(variable, variables, 1);
    return `the environment variable ${variable} sets nothing${hintOf(near, [])}`;
  });
}

/** Read the flags. */
export function readFlags(
  flags: readonly FlagValue[],
  workingFolder: string,
  reading: Reading,
): void {
  for (const { key, text, flag } of flags) {
    const known = settingKeys.find((candidate) => candidate === key);
    const origin = `flag ${flag}`;
    if (known) keep(known, readText(known, text, origin, workingFolder), reading);
    else reading.problems.push(unknownKey(origin, [key], settingKeys));
  }
}
