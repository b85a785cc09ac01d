/**
 * A registry of peers in a GitHub issue: the issue has the registry's name as its title, every node
 * has one comment.
 *
 * Removed are this node's own comments, and those whose record is signed, sound and over: what is
 * not signed may be anybody's, so it is left alone however old it is.
 *
 * @module
 */

import * as v from "valibot";
import type { Clock } from "../concurrency/clock.ts";
import { IntegrityError, UnavailableError } from "../errors.ts";
import type { SignedRecord } from "../registry/peers.ts";
import type { GithubApi } from "./github-api.ts";
import { formatComment, markerOf, type NodeComment, parseComment } from "./github-comment.ts";
import { judgeRecord } from "./peer-record.ts";
import type { DiscoverySource } from "./source.ts";

/** Which registry, and whose comments are this node's. */
export interface GithubSourceNeeds {
  readonly api: GithubApi;
  /** `owner/name`. */
  readonly repository: string;
  /** Title of the issue. */
  readonly registry: string;
  /** This node's id. */
  readonly self: string;
  /** Without a token nothing is written. */
  readonly canWrite: boolean;
  readonly clock: Clock;
}

interface Comment {
  readonly id: number;
  readonly body: string;
}

const IssueSchema = v.looseObject({
  number: v.number(),
  title: v.string(),
  pull_request: v.optional(v.unknown()),
});
const CommentSchema = v.looseObject({ id: v.number(), body: v.nullish(v.string(), "") });

/** The issue and its comments. */
interface RegistryIssue {
  /** Its number; made where there is none. */
  ensure(signal: AbortSignal): Promise<number>;
  comments(signal: AbortSignal): Promise<readonly Comment[]>;
  /** This node's comments; more than one where two of its processes wrote at once. */
  own(signal: AbortSignal): Promise<readonly Comment[]>;
  remove(id: number, signal: AbortSignal): Promise<void>;
}

function createRegistryIssue(needs: GithubSourceNeeds): RegistryIssue {
  const { api, repository, registry, self } = needs;
  const issues = `/repos/${repository}/issues`;
  let issue: number | undefined;

  const find = async (signal: AbortSignal): Promise<number | undefined> => {
    if (issue !== undefined) return issue;
    const open = await api.list(`${issues}?state=open&per_page=100`, signal);
    const ours = itemsOf(IssueSchema, open, repository).filter(
      ({ title, pull_request }) => title === registry && pull_request == null,
    );
    // Two nodes may have made it at once: the older one is the registry.
    issue = ours.map(({ number }) => number).sort((a, b) => a - b)[0];
    return issue;
  };
  const comments = async (signal: AbortSignal): Promise<readonly Comment[]> => {
    const number = await find(signal);
    if (number === undefined) return [];
    try {
      const found = await api.list(`${issues}/${number}/comments?per_page=100`, signal);
      return itemsOf(CommentSchema, found, repository);
    } catch (error) {
      // The issue may have been removed since: the next question looks for it again.
      issue = undefined;
      throw error;
    }
  };
  return {
    comments,
    async ensure(signal) {
      issue = (await find(signal)) ?? (await createIssue(needs, signal));
      return issue;
    },
    async own(signal) {
      const marker = markerOf(registry, self);
      return (await comments(signal)).filter(({ body }) => body.trimStart().startsWith(marker));
    },
    async remove(id, signal) {
      await api.send("DELETE", `${issues}/comments/${id}`, undefined, signal);
    },
  };
}

/** The registry as a source. */
export function createGithubSource(needs: GithubSourceNeeds): DiscoverySource {
  const { api, repository, registry, self, canWrite, clock } = needs;
  const issue = createRegistryIssue(needs);
  const mustWrite = (): void => {
    if (canWrite) return;
    throw new UnavailableError(
      "runtime_unavailable",
      `The registry in ${repository} cannot be written without a token: set GITHUB_TOKEN`,
    );
  };
  return {
    name: "github",
    async find({ limit, signal }) {
      const comments = await issue.comments(signal);
      return comments
        .flatMap(({ body }) => parseComment(registry, body)?.sighting ?? [])
        .filter(({ peer }) => peer !== self)
        .sort((a, b) => (b.lastSeen ?? 0) - (a.lastSeen ?? 0))
        .slice(0, limit);
    },
    async publish(record, signal) {
      mustWrite();
      const body = formatComment(registry, record, clock.now());
      const [known, ...spare] = await issue.own(signal);
      const path = `/repos/${repository}/issues`;
      if (known) await api.send("PATCH", `${path}/comments/${known.id}`, { body }, signal);
      else
        await api.send("POST", `${path}/${await issue.ensure(signal)}/comments`, { body }, signal);
      for (const { id } of spare) await issue.remove(id, signal);
    },
    async withdraw(signal) {
      if (!canWrite) return;
      for (const { id } of await issue.own(signal)) await issue.remove(id, signal);
    },
    async cleanup({ isDryRun, signal }) {
      mustWrite();
      const removed: string[] = [];
      for (const { id, body } of await issue.comments(signal)) {
        const node = parseComment(registry, body);
        if (!node || !(await isOver(node, clock.now()))) continue;
        if (!isDryRun) await issue.remove(id, signal);
        removed.push(node.sighting.peer);
      }
      return removed;
    },
  };
}

/** Whether a node's own record says that it is gone: signed by its key, and past its end. */
async function isOver({ sighting: { peer, record } }: NodeComment, now: number): Promise<boolean> {
  const claimed = record as Partial<SignedRecord> | undefined;
  const expiresAt = Date.parse(claimed?.expiresAt ?? "");
  if (!(expiresAt < now)) return false;
  // Judged as of a moment before its end, so that only the signature is left to judge.
  const { record: believed } = await judgeRecord(record, expiresAt - 1);
  return believed?.peer === peer;
}

function itemsOf<T>(
  schema: v.GenericSchema<unknown, T>,
  items: readonly unknown[],
  repository: string,
): readonly T[] {
  const parsed = v.safeParse(v.array(schema), items);
  if (parsed.success) return parsed.output;
  const message = `GitHub's answer about ${repository} is not as documented: ${parsed.issues[0].message}`;
  throw new IntegrityError("schema_mismatch", message);
}

async function createIssue(
  { api, repository, registry }: GithubSourceNeeds,
  signal: AbortSignal,
): Promise<number> {
  const body =
    "Registry of peers: one comment per node, written and removed by the nodes themselves.";
  const made = await api.send(
    "POST",
    `/repos/${repository}/issues`,
    { title: registry, body },
    signal,
  );
  const parsed = v.safeParse(IssueSchema, made);
  if (parsed.success) return parsed.output.number;
  throw new IntegrityError(
    "schema_mismatch",
    `GitHub made an issue in ${repository} without a number`,
  );
}
