/** Which files are looked for. @module */

import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import {
  namedConfigFile,
  temptingConfigFiles,
  usualConfigFile,
} from "../../../src/config/find-file.ts";

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

describe("usualConfigFile()", () => {
  it("is in the user's configuration folder", () => {
    assertEquals(
      usualConfigFile(place({ HOME: "/home/ada" })),
      "/home/ada/.config/mcplusplus/config.yaml",
    );
  });

  it("follows XDG_CONFIG_HOME, and does without a home", () => {
    const xdg = place({ HOME: "/home/ada", XDG_CONFIG_HOME: "/cfg/" });
    assertEquals(usualConfigFile(xdg), "/cfg/mcplusplus/config.yaml");
    assertEquals(usualConfigFile(place({})), undefined);
  });
});

describe("temptingConfigFiles()", () => {
  it("names what in the working folder looks like a configuration", () => {
    assertEquals(temptingConfigFiles(place({})), [
      "/work/mcpp.yaml",
      "/work/mcpp.yml",
      "/work/mcpp.json",
    ]);
  });
});
