/** A real authorization server's part in tests: keys, tokens, and a JWKS served over loopback. @module */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";

/** Issues tokens and publishes its keys. */
export interface Issuer extends AsyncDisposable {
  readonly url: string;
  readonly jwksUri: string;
  /** How often the keys were asked for. */
  readonly fetches: number;
  /** What the next requests for the keys are answered with. */
  status: number;
  keys(): { readonly keys: readonly Record<string, unknown>[] };
  /** Replace the key, as issuers do now and then. */
  rotate(): Promise<void>;
  sign(
    claims: JWTPayload,
    header?: { readonly alg?: string; readonly kid?: string },
  ): Promise<string>;
}

/** An issuer with one ES256 key, listening on a free port. */
export async function startIssuer(): Promise<Issuer> {
  let generation = 0;
  let pair = await generateKeyPair("ES256", { extractable: true });
  let jwk: Record<string, unknown> = {};
  let fetches = 0;
  const publish = async (): Promise<void> => {
    generation += 1;
    jwk = { ...(await exportJWK(pair.publicKey)), kid: `key-${generation}`, alg: "ES256" };
  };
  await publish();

  const server = createServer((_request, response) => {
    fetches += 1;
    response.writeHead(issuer.status, { "content-type": "application/json" });
    response.end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const issuer: Issuer = {
    url,
    jwksUri: `${url}/jwks`,
    status: 200,
    get fetches() {
      return fetches;
    },
    keys: () => ({ keys: [jwk] }),
    async rotate() {
      pair = await generateKeyPair("ES256", { extractable: true });
      await publish();
    },
    sign: (claims, header = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: "ES256", kid: `key-${generation}`, ...header })
        .sign(pair.privateKey),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return issuer;
}
