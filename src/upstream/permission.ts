/** How one mounted server gets permission: from a person, from what is remembered, or not at all. @module */

import type { McpServerConfig } from "../config/mcp-servers.ts";
import { AuthError } from "../errors.ts";
import type { Consent } from "./consent.ts";
import { createOAuth, type OAuth } from "./oauth.ts";
import { createOAuthMemory } from "./oauth-memory.ts";
import type { Supervisor } from "./supervisor.ts";
import type { UpstreamIdentity, UpstreamNeeds } from "./upstream-needs.ts";

/** What a server's permission touches. */
export interface PermissionNeeds {
  readonly needs: Pick<UpstreamNeeds, "store" | "consent" | "changed" | "trouble">;
  readonly identity: Pick<UpstreamIdentity, "name" | "fingerprint">;
  readonly supervisor: Pick<Supervisor, "state" | "start" | "blame">;
}

/** The permission for a server with this configuration. */
export async function createPermission(
  { needs, identity: { name, fingerprint }, supervisor }: PermissionNeeds,
  config: McpServerConfig,
): Promise<OAuth | undefined> {
  const memory = createOAuthMemory(needs.store, `oauth/${fingerprint}`);
  const isKnown = config.type === "http" && (await memory.tokens(undefined)) !== undefined;
  return createOAuth({
    ...{ upstream: name, config, memory, changed: needs.changed },
    consent: needs.consent ?? (isKnown ? absentPerson : undefined),
    newState: () => crypto.randomUUID(),
    // Who stopped it while it waited for consent does not want it started by that.
    granted: async () => {
      if (supervisor.state !== "stopped") await supervisor.start();
    },
    refused: (error) => supervisor.blame(error),
    trouble: (error) => needs.trouble(name, error),
  });
}

/** What a person allowed earlier is used, and refreshed, also where nobody can be asked again. */
const absentPerson: Consent = {
  redirectUrl: "http://127.0.0.1/oauth/callback",
  ask: ({ upstream }) =>
    Promise.reject(
      new AuthError(
        "capability_expired",
        `"${upstream}" wants your consent again: run mcpp serve, which shows where to give it`,
        { data: { upstream } },
      ),
    ),
};
