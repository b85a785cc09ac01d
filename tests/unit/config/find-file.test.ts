/** Which files are looked for. @module */

import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { namedConfigFile, usualConfigFiles } from "../../../src/config/find-file.ts";

const place = (environment: Record<string, string>) => ({ workingFolder: "/work", environment });

describe("namedConfigFile()", () => {
  it("prefers the flag to the variable and makes either absolute", () => {
    const both = place({ MCPP_CONFIG: "/etc/a.yaml", HOME: "/home/ada" });

    assertEquals(namedConfigFile(both, "../b.yaml"), "/b.yaml");
    assertEquals(namedConfigFile(both, undefined), "/etc/a.yaml");
    assertEquals(namedConfigFile(both, "~/c.yaml"), "/home/ada/c.yaml");
    assertEquals(namedConfigFile(place({ MCPP_CONFIG: "" }), undefined), undefined);
  });
});

describe("usualConfigFiles()", () => {
  it("looks in the working folder first, then in the user's configuration", () => {
    const files = usualConfigFiles(place({ HOME: "/home/ada" }));

    assertEquals(files, [
      "/work/mcpp.yaml",
      "/work/mcpp.yml",
      "/work/mcpp.json",
      "/home/ada/.config/mcplusplus/config.yaml",
    ]);
  });

  it("follows XDG_CONFIG_HOME, and does without a home", () => {
    const xdg = usualConfigFiles(place({ HOME: "/home/ada", XDG_CONFIG_HOME: "/cfg/" }));
    assertEquals(xdg.at(-1), "/cfg/mcplusplus/config.yaml");
    assertEquals(usualConfigFiles(place({})).length, 3);
  });
});
