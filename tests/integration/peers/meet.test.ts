import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { UnavailableError } from "../../../src/errors.ts";
import { createMember, type Member } from "../../support/members.ts";
import { anyRecord } from "../../support/records.ts";

const never = new AbortController().signal;

/** What a member says of itself, in the hands of another. */
async function introduce(member: Member, to: Member): Promise<void> {
  const { record } = await member.peers.register({ ttlMs: 60_000, signal: never });
  await to.peers.accept(record);
}

describe("meeting a peer that is known", () => {
  it("connects to it by its name or its id, and gives the id", async (t) => {
    const guest = await createMember(t, "guest");
    const studio = await createMember(t, "studio");
    await introduce(studio, guest);

    for (const target of ["studio", studio.node.peer]) {
      assertEquals(await guest.peers.meet(target, never), studio.node.peer);
      assertEquals(guest.node.connections(studio.node.peer).length, 1);
      await guest.node.disconnect(studio.node.peer);
    }
  });

  it("leaves alone what names nobody, or several", async (t) => {
    const guest = await createMember(t, "guest");
    for (const name of ["twin", "twin"]) await introduce(await createMember(t, name), guest);

    for (const target of ["twin", "nobody", "/ip4/127.0.0.1/tcp/1"]) {
      assertEquals(await guest.peers.meet(target, never), target);
    }
    assertEquals(guest.node.connections(), []);
  });

  it("says that it is not there where its addresses lead nowhere", async (t) => {
    const guest = await createMember(t, "guest");
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const addresses = ["/memory/nowhere"];
    await guest.peers.accept(await anyRecord({ name: "gone", addresses, expiresAt }));

    await assertRejects(() => guest.peers.meet("gone", never), UnavailableError, "/memory/nowhere");
  });
});
