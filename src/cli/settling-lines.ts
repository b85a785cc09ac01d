/**
 * What of a running server settles after it listens — its mesh, the mounted servers: lines that
 * are rewritten on a terminal, news elsewhere.
 *
 * @module
 */

import type { App } from "../app-types.ts";
import type { UpstreamStatus } from "../registry/context.ts";
import { formatUpstream } from "./banner.ts";
import { createBlock } from "./block.ts";
import { formatMesh, type MeshFacts, meshFacts } from "./mesh-facts.ts";
import type { Output } from "./output.ts";
import { qrCode } from "./qr-code.ts";

/** Shows what changes until it is stopped. */
export interface SettlingLines {
  stop(): Promise<void>;
}

/** What is on the way at one moment. */
interface Settling {
  readonly mesh: MeshFacts;
  readonly upstreams: readonly UpstreamStatus[];
}

/** What a reader of news wants to hear once: not every count of calls. */
const newsOf = ({ name, state, tools, error, consentUrl }: UpstreamStatus): string =>
  // It is started again and again while a person makes up their mind.
  JSON.stringify(consentUrl === undefined ? [name, state, tools, error] : [name, consentUrl]);

/** Show the mesh and every mounted server now, and again whenever one changes. */
export function showSettling(
  app: Pick<App, "upstreams" | "mesh">,
  output: Output,
  wantsJson: boolean,
): SettlingLines {
  const told = new Map<string, string>();
  const asked = new Set<string>();
  const block = createBlock(output);
  // A server is ready a moment before its tools are known; that moment is not worth a line.
  let areAllSettled = false;
  let isMeshTold = false;
  let isStopped = false;
  const isSettled = ({ state, tools, consentUrl }: UpstreamStatus): boolean =>
    consentUrl !== undefined ||
    (state !== "starting" && (areAllSettled || state !== "ready" || tools > 0));
  let isDrawing = output.isInteractive && !wantsJson;

  /** All lines again, over the ones before; the last time is when everything has settled. */
  const draw = async ({ mesh, upstreams }: Settling): Promise<void> => {
    const nameWidth = Math.max(0, ...upstreams.map(({ name }) => name.length));
    await block.redraw([
      ...formatMesh(mesh, output.style, output.columns),
      ...upstreams.map((status) => formatUpstream(status, { ...output, nameWidth })),
    ]);
    isMeshTold = mesh.state !== "starting";
    for (const status of upstreams) told.set(status.name, newsOf(status));
    if (isMeshTold && upstreams.every(isSettled)) isDrawing = false;
  };

  const tell = async ({ mesh, upstreams }: Settling): Promise<void> => {
    if (!isMeshTold && mesh.state !== "starting") {
      isMeshTold = true;
      if (wantsJson) await output.json({ event: "mesh", ...mesh });
      else await output.result(formatMesh(mesh, output.style, output.columns).join("\n"));
    }
    for (const status of upstreams.filter(isSettled)) {
      if (told.get(status.name) === newsOf(status)) continue;
      told.set(status.name, newsOf(status));
      if (wantsJson) await output.json({ event: "upstream", ...status });
      else await output.result(formatUpstream(status, output));
    }
  };

  // One after another, so that two changes never write into each other's lines.
  let last: Promise<void> = Promise.resolve();
  const show = (): void => {
    if (isStopped) return;
    last = last.then(async () => {
      const now = { mesh: meshFacts(app.mesh), upstreams: app.upstreams.status() };
      await (isDrawing ? draw(now) : tell(now));
      for (const { url, text } of wantsJson ? [] : invitationsOf(now, output)) {
        if (!asked.has(url)) await block.print(text);
        asked.add(url);
      }
    });
    // A terminal that is gone ends the telling, not the server; `stop` passes the reason on.
    last.catch(() => off());
  };
  const off = app.upstreams.onChange(show);
  show();
  void app.mesh.settled().then(show);
  void app.upstreams.settled().then(() => {
    areAllSettled = true;
    show();
  });
  return {
    async stop() {
      isStopped = true;
      off();
      await last;
    },
  };
}

/** An address that somebody is to open; it is shown once and in full. */
interface Invitation {
  readonly url: string;
  readonly text: string;
}

function invitationsOf(
  { mesh: { join }, upstreams }: Settling,
  { isInteractive }: Output,
): readonly Invitation[] {
  const invite = (what: string, url: string, beside: readonly string[] = []): Invitation => {
    return { url, text: ["", `  ${what}; open`, `  ${url}`, "", ...beside].join("\n") };
  };
  return [
    // Who holds a phone to it sits at a terminal; a pipe has no use for a picture.
    ...(join !== undefined && isInteractive
      ? [invite("A page joins this mesh", join, [...qrCode(join), ""])]
      : []),
    ...upstreams.flatMap(({ name, consentUrl: url }) =>
      url === undefined ? [] : [invite(`${name} waits for your consent`, url)],
    ),
  ];
}
