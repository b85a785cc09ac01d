/** The recorded tools as categories, made the same way as those of a mounted server. @module */

import { UnavailableError } from "../../src/errors.ts";
import type { Category } from "../../src/registry/category.ts";
import type { Tool } from "../../src/registry/definition.ts";
import { createProxyTool } from "../../src/upstream/proxy-tool.ts";
import { type GoldenTool, goldenTools } from "./catalog.ts";

function toolOf(recorded: GoldenTool): Tool {
  return createProxyTool(
    { ...recorded },
    {
      upstream: recorded.server,
      calls: {
        call: ({ name }) =>
          Promise.reject(
            new UnavailableError(
              "upstream_unavailable",
              `"${name}" is a record without its server`,
            ),
          ),
      },
      timeoutMs: 1000,
      override: {},
      admit: () => undefined,
      stripped: { count: 0 },
    },
  );
}

/**
 * The first `count` recorded tools, a category for each server; of more than there are, the servers
 * are mounted again under numbered names.
 */
export function goldenCategories(count: number = goldenTools.length): readonly Category[] {
  const groups = new Map<string, Tool[]>();
  for (let index = 0; index < count; index += 1) {
    const recorded = goldenTools[index % goldenTools.length];
    if (!recorded) break;
    const copy = Math.floor(index / goldenTools.length);
    const name = copy === 0 ? recorded.server : `${recorded.server}-${copy + 1}`;
    const group = groups.get(name) ?? [];
    groups.set(name, group);
    group.push(toolOf(recorded));
  }
  return [...groups].map(([name, tools]) => ({
    name,
    title: name,
    description: `The tools of the server ${name}`,
    source: "upstream",
    runtime: "local",
    toolNames: tools.map((tool) => tool.name),
    load: async () => tools,
  }));
}
