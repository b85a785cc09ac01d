/** What the suite tests and this product does not offer. @module */

/**
 * Extensions of authorization that no revision requires and that our client does not offer:
 * enterprise-managed authorization (SEP-990), DPoP (SEP-1932), workload identities (SEP-1933).
 */
export const NOT_OFFERED: ReadonlySet<string> = new Set([
  "auth/enterprise-managed-authorization",
  "auth/dpop",
  "auth/dpop-nonce",
  "auth/wif-jwt-bearer",
]);
