import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { type MeshPorts, withFreePorts } from "../../../src/app/mesh-ports.ts";
import type { MeshNeeds } from "../../../src/app-types.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { UnavailableError } from "../../../src/errors.ts";
import { createLogger } from "../../../src/telemetry/logger.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const { config } = await loadConfig({
  environment: {},
  flags: [],
  dataHome: "/data",
  workingFolder: "/work",
});

interface Scene {
  readonly needs: Pick<MeshNeeds, "config" | "isDefault" | "log">;
  readonly lines: readonly string[];
  readonly tried: MeshPorts[];
}

function sceneOf(chosen: readonly string[] = []): Scene {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const log = createLogger({ threshold: () => "warning", write, clock: createFakeClock() });
  return {
    needs: { config: () => config, isDefault: (key) => !chosen.includes(key), log },
    lines,
    tried: [],
  };
}

const taken = (address: string): UnavailableError =>
  new UnavailableError("address_unavailable", `${address} is in use`, { data: { address } });

/** Listens where the ports are not those of the default. */
const listen =
  ({ tried }: Scene, busy: readonly (readonly [keyof MeshPorts, string])[]) =>
  async (ports: MeshPorts): Promise<string> => {
    tried.push(ports);
    const [first] = busy.filter(([key]) => ports[key] === config.mesh[key]);
    if (first) throw taken(first[1]);
    return "listening";
  };

const TCP = ["tcpPort", "/ip4/127.0.0.1/tcp/4001"] as const;
const RTC = ["webRtcPort", "/ip4/127.0.0.1/udp/4001/webrtc-direct"] as const;

describe("withFreePorts()", () => {
  it("opens once where all is free", async () => {
    const scene = sceneOf();
    assertEquals(await withFreePorts(scene.needs, listen(scene, [])), "listening");
    assertEquals([scene.tried.length, scene.lines], [1, []]);
  });

  it("takes any free port instead of defaults that are taken, and says which", async () => {
    const scene = sceneOf();
    assertEquals(await withFreePorts(scene.needs, listen(scene, [TCP, RTC])), "listening");
    const { tcpPort, webRtcPort } = scene.tried.at(-1) ?? config.mesh;
    assertEquals([scene.tried.length, tcpPort, webRtcPort], [3, 0, 0]);
    const named = scene.lines.map((line) => /set mesh\.(\w+) to choose it/.exec(line)?.[1]);
    assertEquals(named, ["tcpPort", "webRtcPort"]);
  });

  it("gives up where somebody chose the port, or no port is the reason", async () => {
    const chosen = sceneOf(["mesh.tcpPort"]);
    await assertRejects(
      () => withFreePorts(chosen.needs, listen(chosen, [TCP])),
      UnavailableError,
      "is in use",
    );
    assertEquals([chosen.tried.length, chosen.lines], [1, []]);

    const scene = sceneOf();
    for (const error of [taken("/ip4/127.0.0.1/tcp/8000/ws"), new Error("no key")]) {
      await assertRejects(() => withFreePorts(scene.needs, () => Promise.reject(error)));
    }
  });

  it("does not go on for ever where nothing can listen at all", async () => {
    const scene = sceneOf();
    let times = 0;
    const never = (): Promise<never> => {
      times += 1;
      return Promise.reject(taken(TCP[1]));
    };
    await assertRejects(() => withFreePorts(scene.needs, never), UnavailableError);
    assertEquals(times, 2);
  });
});
