import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { type Dialect, dialectOf, jsonRpc } from "../../../src/mesh/dialect.ts";

const NOW = Date.UTC(2026, 0, 1);

/** A request as `json.dumps(asdict(P2PMessage(…)))` of the Python ancestor writes it, empty fields and all. */
const REQUEST = {
  type: "request",
  method: "tools/call",
  params: { name: "add", arguments: { a: 1, b: 2 } },
  id: "7f0c",
  result: null,
  error: null,
  sender: "QmPython",
  timestamp: 1767225600.25,
};

const python = (): Dialect => dialectOf(REQUEST, "12D3KooWSelf", () => NOW);

describe("dialectOf()", () => {
  it("goes by the first message: jsonrpc is JSON-RPC, a type alone is P2PMessage", () => {
    const of = (first: unknown): Dialect => dialectOf(first, "me", () => NOW);
    assert(of({ jsonrpc: "2.0", type: "request" }) === jsonRpc);
    for (const other of [{ type: 1 }, {}, [], null, "type", 5]) assert(of(other) === jsonRpc);
    assertEquals(of({ type: "event" }) === jsonRpc, false);
  });
});

describe("JSON-RPC", () => {
  it("passes as it is", () => {
    const message = { jsonrpc: "2.0", id: 1 };
    assert(jsonRpc.read(message) === message);
    assertEquals(jsonRpc.write("{ }"), "{ }");
  });
});

describe("P2PMessage", () => {
  it("makes a request a modern one, which needs no handshake", () => {
    assertEquals(python().read(REQUEST), {
      jsonrpc: "2.0",
      id: "7f0c",
      method: "tools/call",
      params: {
        name: "add",
        arguments: { a: 1, b: 2 },
        _meta: {
          "io.modelcontextprotocol/protocolVersion": "2026-07-28",
          "io.modelcontextprotocol/clientInfo": { name: "mcp++", version: "1.0.0" },
          "io.modelcontextprotocol/clientCapabilities": {},
        },
      },
    });
  });

  it("keeps what the sender put into _meta", () => {
    const read = python().read({ ...REQUEST, params: { _meta: { progressToken: 3 } } });
    const text = JSON.stringify(read);
    assert(text.includes('"progressToken":3'));
    assert(text.includes('"io.modelcontextprotocol/protocolVersion":"2026-07-28"'));
  });

  it("takes params that are missing or of another kind for none", () => {
    for (const params of [null, undefined, [1], "x"]) {
      const read = python().read({ ...REQUEST, params });
      assertEquals(Object.keys(read?.params ?? {}), ["_meta"]);
    }
  });

  it("makes notifications of notifications and events, and nothing of responses", () => {
    for (const type of ["notification", "event"]) {
      assertEquals(
        python().read({ type, method: "notifications/cancelled", params: { requestId: 1 } }),
        {
          jsonrpc: "2.0",
          method: "notifications/cancelled",
          params: { requestId: 1 },
        },
      );
    }
    assertEquals(python().read({ type: "response", id: 1, result: {} }), undefined);
  });

  it("answers as the ancestor reads it", () => {
    const result = { content: [] };
    assertEquals(
      JSON.parse(python().write(JSON.stringify({ jsonrpc: "2.0", id: "7f0c", result }))),
      {
        type: "response",
        id: "7f0c",
        result,
        sender: "12D3KooWSelf",
        timestamp: NOW / 1000,
      },
    );
    const error = { code: -32602, message: "no" };
    assertEquals(
      JSON.parse(python().write(JSON.stringify({ jsonrpc: "2.0", id: 1, error }))).error,
      error,
    );
  });

  it("tells notifications", () => {
    const params = { progressToken: 1, progress: 0.5 };
    const text = JSON.stringify({ jsonrpc: "2.0", method: "notifications/progress", params });
    assertEquals(JSON.parse(python().write(text)), {
      type: "notification",
      method: "notifications/progress",
      params,
      sender: "12D3KooWSelf",
      timestamp: NOW / 1000,
    });
  });
});
