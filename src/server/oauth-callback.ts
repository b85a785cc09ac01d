/** `GET /oauth/callback`: a person comes back from the authorization server of a mounted server. @module */

import { InputError } from "../errors.ts";

/** Where authorization servers send people back to. */
export const CALLBACK_PATH = "/oauth/callback";

/** Takes what a person brought back; false where nobody waits for it. */
export type ConsentArrived = (params: URLSearchParams) => boolean;

const HEADERS = {
  "cache-control": "no-store",
  "content-type": "text/plain; charset=utf-8",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

/** The page for who came back; throws `invalid_input` for an answer that nobody waits for. */
export function oauthCallback({ method, url }: Request, arrived: ConsentArrived): Response {
  // A preview of the address must not use it up.
  if (method === "HEAD") return new Response(null, { headers: HEADERS });
  const params = new URL(url).searchParams;
  if (!arrived(params)) {
    throw new InputError(
      "invalid_input",
      "Nobody waits for this answer: it was given already, or came after more than 10 minutes; start the mounted server again to be asked again",
    );
  }
  const said = params.has("error") ? "Access was not allowed." : "Thank you, that is all.";
  return new Response(`${said} You can close this window.\n`, { headers: HEADERS });
}
