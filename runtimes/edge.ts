/**
 * The server for workerd-like hosts: `export default { fetch }`, settings from variables `MCPP_*`.
 *
 * @module
 */

import { createApp, type EmbeddedApp, InputError, reportOf } from "../src/mod.ts";
import { builtinFor } from "./builtin.ts";
import { createWebHost } from "./web.ts";

/** What the platform hands over: variables and secrets are texts, other bindings are objects. */
type Bindings = Readonly<Record<string, unknown>>;

/**
 * An isolate is reachable by everybody, so it starts only with keys, tokens or MCPP_LISTEN_INSECURE;
 * its platform decides by which names it is reached.
 */
const DEFAULTS = { MCPP_LISTEN_HOSTNAME: "0.0.0.0", MCPP_LISTEN_ALLOWED_HOSTS: "*" } as const;

function open(bindings: Bindings): Promise<EmbeddedApp> {
  const texts = Object.entries(bindings).flatMap(([name, value]) =>
    typeof value === "string" ? [[name, value] as const] : [],
  );
  const host = createWebHost({ ...DEFAULTS, ...Object.fromEntries(texts) });
  return createApp({ host, catalog: builtinFor(host) });
}

/** The app of this isolate; it lives as long as the isolate does. */
let opening: Promise<EmbeddedApp> | undefined;

const handler: { fetch(request: Request, bindings?: Bindings): Promise<Response> } = {
  async fetch(request, bindings = {}) {
    try {
      opening ??= open(bindings);
      return await (await opening).fetch(request);
    } catch (error) {
      opening = undefined;
      return refuse(error);
    }
  },
};

/** The details are for the log: whoever asks can change nothing about them. */
function refuse(error: unknown): Response {
  // biome-ignore lint/suspicious/noConsole: an isolate's log is its console
  console.error(reportOf(error));
  const code = error instanceof InputError ? error.code : "internal";
  const message = "The server could not start; its log says why";
  return Response.json({ code, message }, { status: 500 });
}

export default handler;
