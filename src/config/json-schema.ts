/** The JSON Schema of a configuration file, for editors, and of its parts, for errors that help. @module */

import { toJsonSchema } from "@valibot/to-json-schema";
import type { SettingKey } from "./config.ts";
import { settingKeys, settingOf } from "./schema.ts";

type Json = Readonly<Record<string, unknown>>;

function schemaOfSetting(key: SettingKey): Json {
  const { schema, default: fallback, description } = settingOf(key);
  const { $schema: _dialect, ...json } = toJsonSchema(schema, {
    target: "draft-2020-12",
    // What a server looks like is decided by a function of its input; only its outcome has a shape.
    typeMode: key === "mcpServers" ? "output" : "input",
    errorMode: "ignore",
  });
  return { ...json, description, ...(fallback !== undefined && { default: fallback }) };
}

/** The JSON Schema of a configuration file. */
export function configJsonSchema(): Json {
  const properties: Record<string, unknown> = {
    $schema: { type: "string", description: "Where an editor finds this schema" },
  };
  const sections = new Map<string, Record<string, unknown>>();
  for (const key of settingKeys) {
    const [section, name] = key.split(".");
    if (section === undefined || name === undefined) {
      properties[key] = schemaOfSetting(key);
      continue;
    }
    const inner = sections.get(section) ?? {};
    inner[name] = schemaOfSetting(key);
    sections.set(section, inner);
    properties[section] = { type: "object", properties: inner, additionalProperties: false };
  }
  // The one setting with definitions; its references start at the root of the schema.
  const { $defs, ...servers } = schemaOfSetting("mcpServers");
  properties.mcpServers = servers;
  properties.servers = { $ref: "#/properties/mcpServers", description: "As mcpServers" };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Configuration of mcplusplus",
    type: "object",
    properties,
    additionalProperties: false,
    ...(isObject($defs) && { $defs }),
  };
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const propertiesOf = (schema: Json): Json => (isObject(schema.properties) ? schema.properties : {});

/** The alternatives of a schema: itself, what its `anyOf` lists, what its `$ref` names. */
function alternatives(schema: unknown, definitions: Json): readonly Json[] {
  if (!isObject(schema)) return [];
  if (typeof schema.$ref === "string") {
    return alternatives(definitions[schema.$ref.replace("#/$defs/", "")], definitions);
  }
  const { anyOf } = schema;
  return Array.isArray(anyOf) ? anyOf.flatMap((one) => alternatives(one, definitions)) : [schema];
}

/** The keys that a setting's value may have at a place inside it. */
export function knownKeysAt(key: SettingKey, path: readonly (string | number)[]): string[] {
  const { $defs, ...root } = schemaOfSetting(key);
  const definitions = isObject($defs) ? $defs : {};
  let here = alternatives(root, definitions);
  for (const part of path) {
    here = here.flatMap((schema) => {
      const inner = propertiesOf(schema)[part] ?? schema.items ?? schema.additionalProperties;
      return alternatives(inner, definitions);
    });
  }
  return [...new Set(here.flatMap((schema) => Object.keys(propertiesOf(schema))))];
}
