import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createMemoryStore } from "../../../src/storage/memory-store.ts";
import { createOAuthMemory, type OAuthMemory } from "../../../src/upstream/oauth-memory.ts";

const bearer = (access_token: string) => ({ access_token, token_type: "Bearer" });
const [HERE, THERE] = ["https://here.example", "https://there.example"];

describe("createOAuthMemory()", () => {
  const memoryOver = (store = createMemoryStore()): OAuthMemory =>
    createOAuthMemory(store, "oauth/x");

  it("keeps tokens by issuer, and gives the newest to who names none", async () => {
    const memory = memoryOver();

    await memory.saveTokens(bearer("a"), HERE);
    await memory.saveTokens(bearer("b"), THERE);

    assertEquals(await memory.tokens(HERE), bearer("a"));
    assertEquals(await memory.tokens(undefined), bearer("b"));
    assertEquals(await memory.tokens("https://nowhere.example"), undefined);
  });

  it("outlives the process", async () => {
    const store = createMemoryStore();
    await memoryOver(store).saveTokens(bearer("a"), HERE);
    await memoryOver(store).saveClient({ client_id: "me" }, HERE);

    const later = memoryOver(store);

    assertEquals(await later.tokens(undefined), bearer("a"));
    assertEquals(await later.client(HERE, undefined), { client_id: "me" });
  });

  it("loses nothing when changes meet", async () => {
    const memory = memoryOver();

    await Promise.all([
      memory.saveTokens(bearer("a"), HERE),
      memory.saveClient({ client_id: "me" }, HERE),
      memory.saveDiscovery({ authorizationServerUrl: HERE }),
    ]);

    assertEquals(await memory.tokens(HERE), bearer("a"));
    assertEquals(await memory.client(HERE, undefined), { client_id: "me" });
    assertEquals((await memory.discovery())?.authorizationServerUrl, HERE);
  });

  it("shows a client that was registered beforehand to the first issuer only", async () => {
    const own = { client_id: "own", client_secret: "secret" };
    const memory = memoryOver();

    assertEquals(await memory.client(HERE, own), own);
    await memory.saveClient({ ...own, issuer: HERE }, HERE);

    assertEquals(await memory.client(HERE, own), { ...own, issuer: HERE });
    assertEquals(await memory.client(THERE, own), undefined);
  });

  it("forgets what it is told to, and no more", async () => {
    const memory = memoryOver();
    await memory.saveTokens(bearer("a"), HERE);
    await memory.saveClient({ client_id: "me" }, HERE);

    await memory.forget("tokens");

    assertEquals(await memory.tokens(HERE), undefined);
    assertEquals(await memory.client(HERE, undefined), { client_id: "me" });
    await memory.forget("all");
    assertEquals(await memory.client(HERE, undefined), undefined);
  });
});
