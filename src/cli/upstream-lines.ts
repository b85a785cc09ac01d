/** The mounted servers of a running server: lines that settle on a terminal, news elsewhere. @module */

import type { App } from "../app-types.ts";
import type { UpstreamStatus } from "../registry/context.ts";
import { formatUpstream } from "./banner.ts";
import type { Output } from "./output.ts";

/** Shows what changes until it is stopped. */
export interface UpstreamLines {
  stop(): Promise<void>;
}

/** What a reader of news wants to hear once: not every count of calls. */
const newsOf = ({ name, state, tools, error, consentUrl }: UpstreamStatus): string =>
  // It is started again and again while a person makes up their mind.
  JSON.stringify(consentUrl === undefined ? [name, state, tools, error] : [name, consentUrl]);

/** Show every mounted server now, and again whenever one changes. */
export function showUpstreams(
  app: Pick<App, "upstreams">,
  output: Output,
  wantsJson: boolean,
): UpstreamLines {
  const told = new Map<string, string>();
  const asked = new Set<string>();
  let drawn = 0;
  // A server is ready a moment before its tools are known; that moment is not worth a line.
  let areAllSettled = false;
  let isStopped = false;
  const isSettled = ({ state, tools, consentUrl }: UpstreamStatus): boolean =>
    consentUrl !== undefined ||
    (state !== "starting" && (areAllSettled || state !== "ready" || tools > 0));
  let isDrawing = output.isInteractive && !wantsJson;

  /** All lines again, over the ones before; the last time is when every server has settled. */
  const draw = async (statuses: readonly UpstreamStatus[]): Promise<void> => {
    const nameWidth = Math.max(0, ...statuses.map(({ name }) => name.length));
    const lines = statuses.map((status) => formatUpstream(status, { ...output, nameWidth }));
    const up = drawn > 0 ? `\u001b[${drawn}A\u001b[J` : "";
    drawn = lines.length;
    await output.raw(up + lines.map((line) => `${line}\n`).join(""));
    for (const status of statuses) told.set(status.name, newsOf(status));
    if (statuses.every(isSettled)) isDrawing = false;
  };

  const tell = async (statuses: readonly UpstreamStatus[]): Promise<void> => {
    for (const status of statuses.filter(isSettled)) {
      if (told.get(status.name) === newsOf(status)) continue;
      told.set(status.name, newsOf(status));
      if (wantsJson) await output.json({ event: "upstream", ...status });
      else await output.result(formatUpstream(status, output));
    }
  };

  /** Each address once, in full: somebody is to open it. */
  const ask = async (statuses: readonly UpstreamStatus[]): Promise<void> => {
    for (const { name, consentUrl } of statuses) {
      if (wantsJson || consentUrl === undefined || asked.has(consentUrl)) continue;
      asked.add(consentUrl);
      // The lines above stay as they are.
      drawn = 0;
      await output.result(`\n  ${name} waits for your consent; open\n  ${consentUrl}\n`);
    }
  };

  // One after another, so that two changes never write into each other's lines.
  let last: Promise<void> = Promise.resolve();
  const show = (): void => {
    last = last.then(async () => {
      const statuses = app.upstreams.status();
      await (isDrawing ? draw(statuses) : tell(statuses));
      await ask(statuses);
    });
    // A terminal that is gone ends the telling, not the server; `stop` passes the reason on.
    last.catch(() => off());
  };
  const off = app.upstreams.onChange(show);
  if (app.upstreams.status().length > 0) {
    show();
    void app.upstreams.settled().then(() => {
      areAllSettled = true;
      if (!isStopped) show();
    });
  }
  return {
    async stop() {
      isStopped = true;
      off();
      await last;
    },
  };
}
