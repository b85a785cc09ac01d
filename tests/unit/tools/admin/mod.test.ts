import { describe, it } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { authorize } from "../../../../src/auth/authorize.ts";
import { AuthError, InputError } from "../../../../src/errors.ts";
import { anonymousCaller } from "../../../../src/registry/caller.ts";
import type { Admin, SettingOrigin, UpstreamStatus } from "../../../../src/registry/context.ts";
import { REDACTED } from "../../../../src/telemetry/redact.ts";
import { tools } from "../../../../tools/admin/mod.ts";
import type { Cleanup } from "../../../support/temp-folder.ts";
import { createToolScene } from "../../../support/tool-context.ts";

/** Two servers that can be started and stopped, and nothing behind them. */
function createAdmin(settings: readonly SettingOrigin[]): Admin {
  const states = new Map<string, UpstreamStatus["state"]>([
    ["github", "idle"],
    ["files", "ready"],
  ]);
  const statusOf = (name: string): UpstreamStatus => ({
    name,
    transport: "stdio",
    state: states.get(name) ?? "disabled",
    tools: 1,
    restarts: 0,
    calls: 0,
    failures: 0,
    since: "2026-01-01T00:00:00.000Z",
  });
  const move = async (name: string, state: UpstreamStatus["state"]): Promise<UpstreamStatus> => {
    states.set(name, state);
    return statusOf(name);
  };
  return {
    settings: (prefix) => settings.filter(({ key }) => key.startsWith(prefix)),
    reload: async () => ({ changed: ["log.level"], needsRestart: ["listen.port"] }),
    startUpstream: (name) => move(name, "ready"),
    stopUpstream: (name) => move(name, "stopped"),
    approveUpstream: async (name, tool) => ({
      ...statusOf(name),
      warnings: [`approved ${tool ?? "all"}`],
    }),
    upstreams: () => [...states.keys()].map(statusOf),
  };
}

async function setUp(t: Cleanup, settings: readonly SettingOrigin[] = []) {
  const { run } = await createToolScene(t, { admin: createAdmin(settings) });
  return async (name: string, input: Record<string, unknown> = {}): Promise<unknown> => {
    const tool = tools.find((one) => one.name === name);
    if (!tool) throw new Error(`There is no ${name}`);
    return run(tool, input);
  };
}

const setting = (key: string, value: unknown): SettingOrigin => ({
  key,
  value,
  origin: "default",
  description: "A setting",
});

describe("the admin tools", () => {
  it("show settings below a path, with their origins", async (t) => {
    const call = await setUp(t, [setting("listen.port", 8000), setting("log.level", "info")]);

    assertEquals(await call("admin_config", { prefix: "listen" }), {
      settings: [{ key: "listen.port", value: 8000, origin: "default", description: "A setting" }],
    });
  });

  it("show no secret, wherever it stands", async (t) => {
    const call = await setUp(t, [
      setting("mcpServers", {
        github: { command: "x", args: ["--token", "s3cret"], env: { ANY: "s3cret" } },
        web: { url: "https://u:s3cret@host/", headers: { "x-any": "s3cret" } },
      }),
      setting("some.password", "s3cret"),
      setting("cache.defaultTtlMs", undefined),
    ]);

    const shown = JSON.stringify(await call("admin_config"));

    assertEquals(shown.includes("s3cret"), false, shown);
    assertEquals(shown.split(REDACTED).length - 1, 5);
  });

  it("say what a reload changed", async (t) => {
    const call = await setUp(t);

    assertEquals(await call("admin_reload"), {
      changed: ["log.level"],
      needsRestart: ["listen.port"],
    });
  });

  it("start, stop and show mounted servers", async (t) => {
    const call = await setUp(t);
    const states = async (input = {}): Promise<string[]> => {
      const { upstreams } = (await call("admin_upstream_status", input)) as {
        upstreams: UpstreamStatus[];
      };
      return upstreams.map(({ name, state }) => `${name} ${state}`);
    };

    const started = (await call("admin_upstream_start", { name: "github" })) as UpstreamStatus;
    const stopped = (await call("admin_upstream_stop", { name: "files" })) as UpstreamStatus;

    assertEquals([started.state, stopped.state], ["ready", "stopped"]);
    assertEquals(await states(), ["github ready", "files stopped"]);
    assertEquals(await states({ name: "files" }), ["files stopped"]);
  });

  it("approve one tool of a mounted server, or all of them", async (t) => {
    const call = await setUp(t);
    const approve = async (input: Record<string, unknown>): Promise<unknown> =>
      ((await call("admin_upstream_approve", input)) as UpstreamStatus).warnings;

    assertEquals(await approve({ name: "files", tool: "read" }), ["approved read"]);
    assertEquals(await approve({ name: "files" }), ["approved all"]);
  });

  it("name the nearest server when there is none of that name", async (t) => {
    const call = await setUp(t);
    const named = tools.map(({ name }) => name).filter((name) => name.includes("upstream"));
    for (const name of named) {
      const error = await assertRejects(
        () => call(name, { name: "gihub" }),
        InputError,
        "did you mean github?",
      );
      assertEquals(error.code, "unknown_upstream");
    }
  });

  it("are closed to callers without the ability, and their examples fit their schemas", () => {
    for (const tool of tools) {
      const error = assertThrows(
        () => authorize(anonymousCaller, { name: tool.name, category: "admin", tool }),
        AuthError,
      );
      assertEquals(error.data.ability, "admin");
      tool.parse(tool.example);
    }
  });
});
