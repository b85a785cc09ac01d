import { describe, it } from "node:test";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { AuthError, IntegrityError, UnavailableError } from "../../../src/errors.ts";
import { createGithubApi } from "../../../src/peers/github-api.ts";
import { formatComment, parseComment } from "../../../src/peers/github-comment.ts";
import { createGithubSource } from "../../../src/peers/github-source.ts";
import { judgeRecord } from "../../../src/peers/peer-record.ts";
import type { DiscoverySource } from "../../../src/peers/source.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";
import {
  type GithubApiServer,
  REPOSITORY,
  startGithubApi,
  TOKEN,
} from "../../support/github-api.ts";
import { anyIdentity } from "../../support/mesh-nodes.ts";
import { anyRecord, START } from "../../support/records.ts";
import type { Cleanup } from "../../support/temp-folder.ts";

const REGISTRY = "mesh-peers";
const { signal } = new AbortController();
const all = { limit: 1000, signal };

interface Scene {
  readonly github: GithubApiServer;
  readonly clock: FakeClock;
  /** The registry as the node `self` sees it. */
  sourceOf(self: string, token?: string | null): DiscoverySource;
  bodies(): readonly string[];
}

async function setUp(t: Cleanup): Promise<Scene> {
  const github = await startGithubApi(t);
  const clock = createFakeClock(START);
  return {
    github,
    clock,
    sourceOf(self, given = TOKEN) {
      const token = given ?? undefined;
      const fetching = (url: string, init?: RequestInit): Promise<Response> => fetch(url, init);
      const api = createGithubApi({ apiUrl: `${github.url}/`, token, fetch: fetching, clock });
      const canWrite = token !== undefined;
      return createGithubSource({
        api,
        repository: REPOSITORY,
        registry: REGISTRY,
        self,
        canWrite,
        clock,
      });
    },
    bodies: () => [...github.comments.values()].flat().map(({ body }) => body),
  };
}

/** What the Python ancestor writes. */
const ancestor = (node: string, changes: Record<string, unknown> = {}): string => {
  const block = {
    peer_id: "12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8",
    runner_name: node,
    public_ip: "192.0.2.9",
    listen_port: 9100,
    multiaddr: "/ip4/192.0.2.9/tcp/9100/p2p/12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8",
    last_seen: "2025-12-31T23:59:00+00:00",
    metadata: { role: "worker" },
    ...changes,
  };
  return `<!-- ${REGISTRY}:${node} -->\n\`\`\`json\n${JSON.stringify(block, undefined, 2)}\n\`\`\``;
};

describe("a registry in GitHub's issues", () => {
  it("is made where it is missing, with one comment per node that carries the signed record", async (t) => {
    const { github, sourceOf, bodies } = await setUp(t);
    const identity = await anyIdentity();
    const record = await anyRecord({ sequence: 1 }, identity);

    await sourceOf(identity.peer).publish?.(record, signal);

    assertEquals(
      github.issues.map(({ title }) => title),
      [REGISTRY],
    );
    const [body = ""] = bodies();
    assertMatch(body, new RegExp(`^<!-- ${REGISTRY}:${identity.peer} -->\n\`\`\`json\n`));
    const [found] = await sourceOf("somebody").find(all);
    assertEquals([found?.peer, found?.addresses], [identity.peer, record.addresses]);
    assertEquals((await judgeRecord(found?.record, START)).fault, undefined);
  });

  it("has the fields that the ancestor reads", async () => {
    const record = await anyRecord({ addresses: ["/ip4/192.0.2.7/tcp/4001"] });
    const json = /```json\n([\s\S]*?)\n```/.exec(formatComment(REGISTRY, record, START))?.[1] ?? "";

    assertEquals(JSON.parse(json), {
      peer_id: record.peer,
      runner_name: "studio",
      public_ip: "192.0.2.7",
      listen_port: 4001,
      multiaddr: "/ip4/192.0.2.7/tcp/4001",
      last_seen: "2026-01-01T00:00:00.000Z",
      metadata: { record },
    });
  });

  it("changes a node's comment instead of adding one, and removes doubles", async (t) => {
    const { github, sourceOf, bodies } = await setUp(t);
    const identity = await anyIdentity();
    const issue = github.addIssue(REGISTRY);
    for (const sequence of [1, 2]) {
      github.addComment(
        issue,
        formatComment(REGISTRY, await anyRecord({ sequence }, identity), START),
      );
    }
    const record = await anyRecord({ sequence: 9 }, identity);
    await sourceOf(identity.peer).publish?.(record, signal);

    assertEquals(bodies(), [formatComment(REGISTRY, record, START)]);
    assertEquals(
      github.requests.filter(({ method }) => method === "POST"),
      [],
    );
  });

  it("is the oldest open issue of that title, and no pull request", async (t) => {
    const { github, sourceOf } = await setUp(t);
    github.addIssue(REGISTRY, { pull_request: {} });
    github.addIssue(REGISTRY, { state: "closed" });
    const issue = github.addIssue(REGISTRY);
    const later = github.addIssue(REGISTRY);
    github.addComment(issue, ancestor("one"));
    github.addComment(later, ancestor("two", { listen_port: 1 }));

    assertEquals((await sourceOf("me").find(all)).length, 1);
  });

  it("is read over all its pages, latest seen first", async (t) => {
    const { github, sourceOf } = await setUp(t);
    github.pageSize = 3;
    for (let other = 0; other < 7; other += 1) github.addIssue(`other ${other}`);
    const issue = github.addIssue(REGISTRY);
    for (let node = 0; node < 10; node += 1) {
      const last_seen = new Date(START - 1000 * ((node * 7) % 10)).toISOString();
      github.addComment(
        issue,
        ancestor(`n${node}`, { listen_port: node, multiaddr: null, last_seen }),
      );
    }

    const found = await sourceOf("me").find(all);
    assertEquals(found.length, 10);
    assertEquals(
      found.map(({ lastSeen }) => (START - (lastSeen ?? 0)) / 1000),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    );
    assertEquals(found[0]?.addresses, ["/ip4/192.0.2.9/tcp/0"]);
    assertEquals((await sourceOf("me").find({ limit: 4, signal })).length, 4);
  });

  it("tells addresses of the ancestor's nodes, unsigned", async (t) => {
    const { github, sourceOf } = await setUp(t);
    github.addComment(github.addIssue(REGISTRY), ancestor("runner-7"));

    const [found] = await sourceOf("me").find(all);
    assertEquals([found?.record, found?.addresses.length], [undefined, 1]);
    assertEquals(found?.lastSeen, Date.UTC(2025, 11, 31, 23, 59));
  });

  it("is not confused by what else people write there", async (t) => {
    const { github, sourceOf } = await setUp(t);
    const issue = github.addIssue(REGISTRY);
    for (const body of [
      "",
      "Nice registry!",
      `<!-- ${REGISTRY}:x -->\nno block`,
      `<!-- ${REGISTRY}:x -->\n\`\`\`json\n{broken\n\`\`\``,
      `<!-- ${REGISTRY}:x -->\n\`\`\`json\n[1]\n\`\`\``,
      `<!-- ${REGISTRY}:x -->\n\`\`\`json\n{"peer_id": 7}\n\`\`\``,
      ancestor("x").replace(REGISTRY, "other-registry"),
      `> quoted\n${ancestor("x")}`,
    ]) {
      github.addComment(issue, body);
    }

    assertEquals(await sourceOf("me").find(all), []);
    assertEquals(parseComment("a.c", ancestor("x").replace(REGISTRY, "abc")), undefined);
  });

  it("is asked with ETags, so that what has not changed is not sent again", async (t) => {
    const { github, sourceOf } = await setUp(t);
    github.pageSize = 2;
    const issue = github.addIssue(REGISTRY);
    for (const node of ["a", "b", "c"]) github.addComment(issue, ancestor(node));
    const source = sourceOf("me");
    const first = await source.find(all);
    github.requests.length = 0;

    assertEquals(await source.find(all), first);
    assertEquals(
      github.requests.map(({ status }) => status),
      [304, 304],
    );

    github.addComment(issue, ancestor("d"));
    assertEquals((await source.find(all)).length, 4);
  });

  it("loses a node's comments when it leaves, and nobody else's", async (t) => {
    const { github, sourceOf, bodies } = await setUp(t);
    const identity = await anyIdentity();
    const issue = github.addIssue(REGISTRY);
    github.addComment(issue, ancestor("other"));
    const source = sourceOf(identity.peer);
    await source.publish?.(await anyRecord({}, identity), signal);
    await source.withdraw?.(signal);
    await source.withdraw?.(signal);

    assertEquals(bodies(), [ancestor("other")]);
  });

  it("is cleaned of records that are signed and over, and of nothing else", async (t) => {
    const { github, sourceOf, bodies, clock } = await setUp(t);
    const issue = github.addIssue(REGISTRY);
    const over = await anyRecord({ expiresAt: new Date(START + 1000).toISOString() });
    const forged = { ...over, name: "forged" };
    const fresh = await anyRecord();
    const stolen = { ...formatBlock(fresh.peer), metadata: { record: over } };
    const comment = (record: typeof over): string => formatComment(REGISTRY, record, START);
    const kept = [
      comment(forged),
      comment(fresh),
      ancestor("old", { last_seen: "2001-01-01T00:00:00Z" }),
      `<!-- ${REGISTRY}:x -->\n\`\`\`json\n${JSON.stringify(stolen)}\n\`\`\``,
    ];
    for (const body of [comment(over), ...kept]) github.addComment(issue, body);
    await clock.advance(2000);
    const source = sourceOf("me");

    assertEquals(await source.cleanup?.({ isDryRun: true, signal }), [over.peer]);
    assertEquals(bodies().length, 5);
    assertEquals(await source.cleanup?.({ isDryRun: false, signal }), [over.peer]);
    assertEquals(bodies(), kept);
  });

  it("can be read without a token, and says what writing needs", async (t) => {
    const { github, sourceOf } = await setUp(t);
    github.addComment(github.addIssue(REGISTRY), ancestor("a"));
    const source = sourceOf("me", null);

    assertEquals((await source.find(all)).length, 1);
    assertEquals(
      github.requests.every(({ authorization }) => authorization === undefined),
      true,
    );
    const record = await anyRecord();
    for (const write of [
      () => source.publish?.(record, signal),
      () => source.cleanup?.({ isDryRun: false, signal }),
    ]) {
      await assertRejects(async () => write(), UnavailableError, "GITHUB_TOKEN");
    }
    // Nothing was written that could be taken back.
    await source.withdraw?.(signal);
  });

  it("says when a token may not write", async (t) => {
    const { github, sourceOf } = await setUp(t);
    github.addIssue(REGISTRY);
    const record = await anyRecord();

    const error = await assertRejects(
      async () => sourceOf("me", "ghp_wrong").publish?.(record, signal),
      AuthError,
      "Requires authentication",
    );
    assert(!error.message.includes("ghp_wrong"));
  });

  it("is left alone for as long as its limits say, without asking", async (t) => {
    const reset = String(Math.ceil(START / 1000) + 120);
    const limits = [
      [{ status: 429, headers: { "retry-after": "30" } }, 30_000],
      [{ status: 403, headers: { "retry-after": "7" } }, 7_000],
      [
        { status: 403, headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset } },
        120_000,
      ],
      [{ status: 429 }, 60_000],
      [{ status: 429, headers: { "retry-after": "999999" } }, 3_600_000],
    ] as const;
    for (const [refusal, pauseMs] of limits) {
      const { github, clock, sourceOf } = await setUp(t);
      github.refusals.push(refusal);
      const source = sourceOf("me");

      const error = await assertRejects(() => source.find(all), UnavailableError);
      assertEquals([error.code, error.data.retryAfterMs], ["rate_limited", pauseMs]);
      await clock.advance(pauseMs - 1);
      await assertRejects(() => source.find(all), UnavailableError, "1 s");
      assertEquals(github.requests.length, 1);
      await clock.advance(1);
      assertEquals(await source.find(all), []);
    }
  });

  it("is not there, is broken, or answers with something else", async (t) => {
    const { github, sourceOf } = await setUp(t);
    const source = sourceOf("me");
    github.refusals.push(
      { status: 404, body: { message: "Not Found" } },
      { status: 500, body: { message: "Server Error" } },
      { status: 403, body: { message: "Forbidden" } },
      { status: 200, body: { message: "no list" } },
      { status: 200, body: [{ title: "no number" }] },
    );

    await assertRejects(() => source.find(all), UnavailableError, "404 (Not Found)");
    await assertRejects(() => source.find(all), UnavailableError, "500 (Server Error)");
    await assertRejects(() => source.find(all), AuthError, "the right to write");
    await assertRejects(() => source.find(all), IntegrityError, "a list");
    await assertRejects(() => source.find(all), IntegrityError);
  });

  it("is not followed to another server, which would get the token", async (t) => {
    const { github, sourceOf } = await setUp(t);
    const elsewhere = { link: '<http://127.0.0.1:1/steal?page=2>; rel="next"' };
    github.refusals.push({ status: 200, headers: elsewhere, body: [] });

    assertEquals(await sourceOf("me").find(all), []);
  });

  it("stops waiting for a slow answer when its time is over", async (t) => {
    const { github, sourceOf } = await setUp(t);
    const issue = github.addIssue(REGISTRY);
    assert(issue > 0);
    github.refusals.push({ status: 200, body: [], afterMs: 60_000 });
    const controller = new AbortController();
    const finding = sourceOf("me").find({ limit: 1, signal: controller.signal });
    controller.abort(new Error("time is over"));

    await assertRejects(() => finding, Error, "time is over");
  });

  it("is found again under its new number when it was replaced", async (t) => {
    const { github, sourceOf } = await setUp(t);
    const issue = github.addIssue(REGISTRY);
    const source = sourceOf("me");
    await source.find(all);
    github.comments.delete(issue);
    github.issues.length = 0;
    github.addComment(github.addIssue(REGISTRY), ancestor("a"));

    await assertRejects(() => source.find(all), UnavailableError, "404");
    assertEquals((await source.find(all)).length, 1);
  });
});

const formatBlock = (peer: string): object => ({ peer_id: peer, runner_name: "x" });
