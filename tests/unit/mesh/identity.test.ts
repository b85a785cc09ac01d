import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { InputError } from "../../../src/errors.ts";
import { createIdentity, parsePeer, seedFromPem, verifyPeer } from "../../../src/mesh/identity.ts";

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

/** Test vector 1 of RFC 8032. */
const SEED = bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
const SIGNATURE_OF_NOTHING = bytes(
  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
);

/** What `openssl pkey` writes for the same key. */
const PEM = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
`;

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe("createIdentity()", () => {
  it("names the same key as a peer and as did:key", async () => {
    const { peer, did } = await createIdentity(SEED);

    assertEquals(did, "did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw");
    assertEquals(parsePeer(peer).publicKey?.raw.at(0), 0xd7);
    assertEquals(parsePeer(peer).publicKey?.raw.at(-1), 0x1a);
  });

  it("signs as RFC 8032 says", async () => {
    const { sign } = await createIdentity(SEED);
    assertEquals(await sign(new Uint8Array()), SIGNATURE_OF_NOTHING);
  });

  it("goes out as PKCS#8 in PEM and comes back", async () => {
    const { exportPem } = await createIdentity(SEED);

    assertEquals(exportPem(), PEM);
    assertEquals(seedFromPem(PEM), SEED);
  });

  it("refuses a seed of another length", async () => {
    await assertRejects(() => createIdentity(new Uint8Array(31)), InputError, "this one 31");
  });
});

describe("seedFromPem()", () => {
  const cut = PEM.replace("g\n---", "\n---");
  const other = PEM.replace("MC4CAQAwBQYDK2VwBCIE", "MC4CAQAwBQYDK2VuBCIE");
  for (const [what, pem] of [
    ["nothing", ""],
    ["a public key", PEM.replaceAll("PRIVATE", "PUBLIC")],
    ["a key that was cut", cut],
    ["a key of X25519", other],
  ] as const) {
    it(`refuses ${what}`, () => {
      assertThrows(() => seedFromPem(pem), InputError, "openssl genpkey -algorithm ed25519");
    });
  }
});

describe("verifyPeer()", () => {
  it("believes the peer's own signature, of these bytes only", async () => {
    const { peer, sign } = await createIdentity(SEED);
    const signature = await sign(text("yes"));

    assert(await verifyPeer(peer, text("yes"), signature));
    assert(!(await verifyPeer(peer, text("no"), signature)));
  });

  it("does not believe another peer's", async () => {
    const { sign } = await createIdentity(SEED);
    const { peer } = await createIdentity(new Uint8Array(32));
    assert(!(await verifyPeer(peer, text("yes"), await sign(text("yes")))));
  });

  it("says what a peer's id looks like", async () => {
    const nobody = (): Promise<boolean> => verifyPeer("bob", text(""), new Uint8Array(64));
    await assertRejects(nobody, InputError, '"bob" is not the id of a peer');
  });
});
