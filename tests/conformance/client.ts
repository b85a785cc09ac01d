/**
 * Our client against the suite's servers: the product mounts each as any other server, and uses
 * everything it offers.
 *
 * One process plays the client of many scenarios, because starting one takes longer than most of
 * them: it takes jobs over HTTP from `forward.ts`, which is what the suite starts. Prints
 * `{"port": …}` when it listens.
 *
 * @module
 */

import { host } from "#host";
import { createApp } from "../../src/app.ts";
import { loadConfig } from "../../src/config/load.ts";
import { messageOf } from "../../src/errors.ts";
import type { Consent } from "../../src/upstream/consent.ts";
import { useEverything, type WantedCall } from "./use-everything.ts";

/** One scenario. */
interface Job {
  readonly url: string;
  readonly scenario: string;
  readonly context: {
    readonly toolCalls?: readonly WantedCall[];
    readonly client_id?: string;
    readonly client_secret?: string;
    readonly private_key_pem?: string;
    readonly signing_algorithm?: string;
    readonly issuer?: string;
  };
}

const UPSTREAM = "suite";
const { name, workingFolder, dataHome, terminal, resolveAddresses } = host;

/** A person who consents to everything, and whose browser is `fetch`. */
const consent: Consent = {
  redirectUrl: "http://localhost:3000/callback",
  async ask({ url }) {
    const response = await fetch(url, { redirect: "manual" });
    await response.body?.cancel();
    const location = response.headers.get("location");
    if (location === null) throw new Error(`The authorization server sent nobody back: ${url}`);
    return new URL(location).searchParams;
  },
};

/** The document that the suite knows this client by. */
const described: Consent = {
  ...consent,
  clientMetadataUrl: "https://conformance-test.local/client-metadata.json",
};

function serverConfig({ url, scenario, context }: Job): object {
  const { client_id: clientId, client_secret: clientSecret, issuer } = context;
  if (clientId === undefined) return { url };
  const isOwn = scenario.startsWith("auth/client-credentials");
  const grant = isOwn ? "client_credentials" : "authorization_code";
  const { private_key_pem: privateKey, signing_algorithm: algorithm } = context;
  return { url, oauth: { grant, clientId, clientSecret, privateKey, algorithm, issuer } };
}

/** Mount the server and use it; resolves with what went wrong, in sentences. */
async function run(job: Job): Promise<readonly string[]> {
  const config = {
    mcpServers: { [UPSTREAM]: serverConfig(job) },
    log: { level: "error", audit: false },
  };
  const file = { path: "/conformance.json", text: JSON.stringify(config) };
  const loaded = await loadConfig({ file, environment: {}, flags: [], dataHome, workingFolder });
  await using app = await createApp({
    host: { name, workingFolder, terminal, resolveAddresses, environment: () => ({}) },
    catalog: [],
    consent: job.scenario === "auth/basic-cimd" ? described : consent,
    ...loaded,
  });
  await app.upstreams.settled();
  const failures = await useEverything(app, UPSTREAM, job.context.toolCalls ?? []);
  const [status] = app.upstreams.status();
  return status?.error ? [...failures, status.error] : failures;
}

async function answer(request: Request): Promise<Response> {
  try {
    return Response.json(await run((await request.json()) as Job));
  } catch (error) {
    return Response.json([messageOf(error)]);
  }
}

const server = await host.listen(answer, { hostname: "127.0.0.1", port: 0 });
await terminal.print(`${JSON.stringify({ port: server.port })}\n`);
host.stopRequested.addEventListener("abort", async () => {
  await server.close();
  host.exit(0);
});
