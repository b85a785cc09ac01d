import * as v from "valibot";
import { defineTool, redact, type Tool } from "../../src/tool.ts";

/** Show the configuration. */
export const adminConfig: Tool = defineTool({
  name: "admin_config",
  title: "Show the configuration",
  description: "Show settings with their values and where each value came from",
  details: "Secrets are shown as [redacted]. Needs the ability admin.",
  input: v.object({
    prefix: v.pipe(
      v.optional(v.pipe(v.string(), v.maxLength(200)), ""),
      v.description("Only settings whose path begins with this, such as listen"),
    ),
  }),
  output: v.object({
    settings: v.array(
      v.object({
        key: v.string(),
        value: v.unknown(),
        origin: v.pipe(
          v.string(),
          v.description("default, a file with its line, an environment variable, or a flag"),
        ),
        description: v.string(),
      }),
    ),
  }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  routing: { ability: "admin" },
  example: { prefix: "listen" },
  run: ({ prefix }, { admin }) => ({
    settings: admin.settings(prefix).map(({ key, value, origin, description }) => ({
      key,
      // JSON has no undefined: a setting without a value is null.
      value: redact(value, key) ?? null,
      origin,
      description,
    })),
  }),
});
