/**
 * The part of GitHub's REST API that a registry of peers uses, as a server on this machine: issues
 * and comments, pages with Link headers, ETags, limits, permissions, and slowness.
 *
 * @module
 */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Cleanup } from "./temp-folder.ts";

/** A comment as the API gives it. */
export interface GithubComment {
  readonly id: number;
  body: string;
}

/** The next answer, instead of what would be right. */
export interface Refusal {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Begins to answer after so long, and not at all where the asker is gone by then. */
  readonly afterMs?: number;
}

/** A request that came. */
export interface GithubRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly status: number;
}

/** The server, and what it holds. */
export interface GithubApiServer {
  readonly url: string;
  readonly issues: {
    readonly number: number;
    title: string;
    state: string;
    pull_request?: object;
  }[];
  readonly comments: Map<number, GithubComment[]>;
  readonly requests: GithubRequest[];
  /** Answers to give before all others, one request each. */
  readonly refusals: Refusal[];
  /** Items on a page, whatever more was asked for. */
  pageSize: number;
  addIssue(title: string, facts?: { state?: string; pull_request?: object }): number;
  addComment(issue: number, body: string): GithubComment;
}

/** Whoever writes needs this token. */
export const TOKEN = "ghp_test";
export const REPOSITORY = "octo/mesh";

interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text === "" ? {} : JSON.parse(text);
}

const send = (response: ServerResponse, { status, body, headers = {} }: Answer): void => {
  const text = body === undefined ? "" : JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
  response.end(text);
};

const notFound: Answer = { status: 404, body: { message: "Not Found" } };

/** One page of a list, with Link and ETag as the real API has them. */
function pageOf(
  items: readonly unknown[],
  url: URL,
  server: { readonly pageSize: number },
  ifNoneMatch: string | undefined,
): Answer {
  const wanted = Number(url.searchParams.get("per_page") ?? 30);
  const size = Math.min(wanted, 100, server.pageSize);
  const page = Number(url.searchParams.get("page") ?? 1);
  const body = items.slice((page - 1) * size, page * size);
  const last = Math.max(1, Math.ceil(items.length / size));
  const to = (target: number, rel: string): string => {
    const address = new URL(url);
    address.searchParams.set("page", String(target));
    return `<${address.href}>; rel="${rel}"`;
  };
  const links = page < last ? [to(page + 1, "next"), to(last, "last")] : [];
  const etag = `W/"${hash(JSON.stringify(body) + links.join())}"`;
  const headers = { etag, ...(links.length > 0 && { link: links.join(", ") }) };
  return ifNoneMatch === etag ? { status: 304, headers } : { status: 200, body, headers };
}

function hash(text: string): string {
  let sum = 0;
  for (const char of text) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 2 ** 32;
  return sum.toString(16);
}

/** Begin to serve; ends with the test. */
export async function startGithubApi(t: Cleanup): Promise<GithubApiServer> {
  let nextId = 1;
  const issues: GithubApiServer["issues"] = [];
  const comments: GithubApiServer["comments"] = new Map();
  const requests: GithubRequest[] = [];
  const refusals: Refusal[] = [];
  const find = (id: number): [GithubComment[], number] | undefined => {
    for (const list of comments.values()) {
      const at = list.findIndex((one) => one.id === id);
      if (at >= 0) return [list, at];
    }
    return undefined;
  };

  const answerList = (path: string, url: URL, etag: string | undefined): Answer => {
    if (path === "/issues") {
      const open = issues.filter(({ state }) => state === url.searchParams.get("state"));
      return pageOf(open, url, api, etag);
    }
    const list = comments.get(Number(/^\/issues\/(\d+)\/comments$/.exec(path)?.[1]));
    return list ? pageOf(list, url, api, etag) : notFound;
  };
  const answerWrite = async (request: IncomingMessage, path: string): Promise<Answer> => {
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      return { status: 401, body: { message: "Requires authentication" } };
    }
    const { title, body } = await readJson(request);
    if (request.method === "POST" && path === "/issues") {
      return { status: 201, body: { number: api.addIssue(String(title)), title } };
    }
    const issue = Number(/^\/issues\/(\d+)\/comments$/.exec(path)?.[1]);
    if (request.method === "POST" && comments.has(issue)) {
      return { status: 201, body: api.addComment(issue, String(body)) };
    }
    const found = find(Number(/^\/issues\/comments\/(\d+)$/.exec(path)?.[1]));
    if (!found) return notFound;
    const [list, at] = found;
    if (request.method === "DELETE") {
      list.splice(at, 1);
      return { status: 204 };
    }
    const comment = list[at];
    if (comment) comment.body = String(body);
    return { status: 200, body: comment };
  };
  const answer = async (request: IncomingMessage, url: URL): Promise<Answer> => {
    if (!request.headers["user-agent"]) return { status: 403, body: { message: "User-Agent" } };
    const prefix = `/repos/${REPOSITORY}`;
    if (!url.pathname.startsWith(prefix)) return notFound;
    const path = url.pathname.slice(prefix.length);
    return request.method === "GET"
      ? answerList(path, url, request.headers["if-none-match"])
      : await answerWrite(request, path);
  };

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", api.url);
    const refusal = refusals.shift();
    const { status, headers, body } = refusal ?? (await answer(request, url));
    const { method = "", headers: given } = request;
    const path = url.pathname + url.search;
    requests.push({ method, path, authorization: given.authorization, status });
    if (refusal?.afterMs !== undefined) {
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, refusal.afterMs);
        response.once("close", () => {
          clearTimeout(timer);
          resolve(undefined);
        });
      });
    }
    send(response, { status, ...(body !== undefined && { body }), ...(headers && { headers }) });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const api: GithubApiServer = {
    url: `http://127.0.0.1:${port}`,
    issues,
    comments,
    requests,
    refusals,
    pageSize: 100,
    addIssue(title, facts = {}) {
      const number = nextId++;
      issues.push({ number, title, state: "open", ...facts });
      comments.set(number, []);
      return number;
    },
    addComment(issue, body) {
      const comment = { id: nextId++, body };
      comments.get(issue)?.push(comment);
      return comment;
    },
  };
  return api;
}
