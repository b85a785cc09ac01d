/** Test servers over HTTP on a free port of this machine. @module */

import { serve } from "@hono/node-server";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { createLegacyServer } from "./legacy-server.ts";
import { createModernServer } from "./modern-server.ts";

/** A listening test server. */
export interface TestHttpServer {
  readonly url: string;
  /** Headers of every request so far. */
  readonly requests: readonly Headers[];
  /** Forget every session, as a restart does. */
  forget(): void;
  close(): Promise<void>;
}

/** Listen with any handler. */
export async function listen(
  handle: (request: Request) => Response | Promise<Response>,
  forget: () => void = () => {},
): Promise<TestHttpServer> {
  const requests: Headers[] = [];
  const fetch = (request: Request): Response | Promise<Response> => {
    requests.push(request.headers);
    return handle(request);
  };
  const { server, port } = await new Promise<{ server: ReturnType<typeof serve>; port: number }>(
    (resolve) => {
      const started = serve({ fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) =>
        resolve({ server: started, port }),
      );
    },
  );
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    requests,
    forget,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}

/** A server of the modern era only. */
export function listenModern(): Promise<TestHttpServer> {
  const shared = { hasGrown: false };
  const handler = createMcpHandler(() => createModernServer(shared), { legacy: "reject" });
  return listen(async (request) => {
    const hadGrown = shared.hasGrown;
    const response = await handler.fetch(request);
    if (shared.hasGrown && !hadGrown) handler.notify.toolsChanged();
    return response;
  });
}

/** A server of the legacy era, with sessions. */
export function listenLegacy(): Promise<TestHttpServer> {
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();
  const open = async (): Promise<WebStandardStreamableHTTPServerTransport> => {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (id) => void sessions.set(id, transport),
    });
    await createLegacyServer().connect(transport);
    return transport;
  };
  return listen(
    async (request) => {
      const id = request.headers.get("mcp-session-id");
      const known = id === null ? await open() : sessions.get(id);
      return known ? known.handleRequest(request) : new Response("no session", { status: 404 });
    },
    () => sessions.clear(),
  );
}
