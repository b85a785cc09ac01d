/** How a person is asked whether we may use a server; apart from the SDK, for the public types. @module */

/** A person is to decide whether we may use a server on their behalf. */
export interface ConsentRequest {
  readonly upstream: string;
  /** Where the person decides. */
  readonly url: string;
  /** Comes back among the parameters of the redirect, and belongs to this request alone. */
  readonly state: string;
  /** Aborts when the answer is no longer wanted. */
  readonly signal: AbortSignal;
}

/** The way to a person who can consent. */
export interface Consent {
  /** Where the authorization server sends the person back to. */
  readonly redirectUrl: string;
  /** https address of a document that describes us as a client, where there is one (CIMD). */
  readonly clientMetadataUrl?: string;
  /** Show the address to a person; resolves with the parameters with which they came back. */
  ask(request: ConsentRequest): Promise<URLSearchParams>;
}
