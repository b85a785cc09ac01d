import "reflect-metadata";
import { describe, it } from "node:test";
import { X509Certificate } from "@peculiar/x509";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  type Certificate,
  renewCertificates,
} from "../../../../runtimes/shared/web-transport-certificates.ts";

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 0, 1);

const read = ({ pem }: Certificate): X509Certificate => new X509Certificate(pem);

describe("renewCertificates()", () => {
  it("makes certificates that browsers accept by their hash", async () => {
    const { current } = await renewCertificates(NOW);

    const certificate = read(current);
    const { notBefore, notAfter } = certificate;
    const { algorithm } = await certificate.publicKey.export(crypto);
    assertEquals({ ...algorithm }, { name: "ECDSA", namedCurve: "P-256" });
    assert(notAfter.getTime() - notBefore.getTime() < 14 * DAY_MS);
    assert(await certificate.isSelfSigned(crypto));
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", certificate.rawData));
    assertEquals([...current.hash], [0x12, 0x20, ...digest]);
  });

  it("keeps them while the first may be used", async () => {
    const pair = await renewCertificates(NOW);

    assertEquals(await renewCertificates(pair.current.useUntil - 1, pair), pair);
  });

  it("goes on with the second, which is valid already, and remembers the first", async () => {
    const pair = await renewCertificates(NOW);
    const at = pair.current.useUntil;

    const renewed = await renewCertificates(at, pair);

    assertEquals(renewed.spent, pair.current);
    assertEquals(renewed.current, pair.next);
    assertNotEquals(renewed.next, pair.next);
    assert(read(renewed.current).notBefore.getTime() < at);
    assert(read(pair.current).notAfter.getTime() > at);
  });

  it("begins anew after a sleep that outlasted both", async () => {
    const pair = await renewCertificates(NOW);
    const at = pair.next.useUntil + DAY_MS;

    const renewed = await renewCertificates(at, pair);

    assertEquals(renewed.spent, undefined);
    assert(read(renewed.current).notAfter.getTime() > at);
    assert(renewed.current !== pair.next);
  });
});
