import { describe, it } from "node:test";
import type { JSONRPCMessage } from "@modelcontextprotocol/client";
import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../../src/concurrency/clock.ts";
import type { ExitStatus, Subprocess } from "../../../src/host.ts";
import {
  createStdioTransport,
  type StdioTransport,
} from "../../../src/upstream/stdio-transport.ts";

interface Scene {
  readonly transport: StdioTransport;
  readonly messages: JSONRPCMessage[];
  readonly oversized: (string | undefined)[];
  readonly written: string[];
  readonly signals: string[];
  /** The program writes this to its output, in these pieces. */
  say(...pieces: (string | Uint8Array)[]): Promise<void>;
  complain(text: string): Promise<void>;
  exit(status: ExitStatus): void;
}

async function createScene(options: { readonly obeys?: boolean } = {}): Promise<Scene> {
  const stdout = new TransformStream<Uint8Array, Uint8Array>();
  const stderr = new TransformStream<Uint8Array, Uint8Array>();
  const [out, err] = [stdout.writable.getWriter(), stderr.writable.getWriter()];
  const exited = Promise.withResolvers<ExitStatus>();
  const [written, signals, messages]: [string[], string[], JSONRPCMessage[]] = [[], [], []];
  const oversized: (string | undefined)[] = [];
  const child: Subprocess = {
    pid: 42,
    stdin: new WritableStream({
      write: (chunk) => void written.push(new TextDecoder().decode(chunk)),
      close: () => {
        if (options.obeys !== false) exited.resolve({ code: 0, signal: undefined });
      },
    }),
    stdout: stdout.readable,
    stderr: stderr.readable,
    exited: exited.promise,
    kill: (signal) => {
      signals.push(signal);
      if (signal === "SIGKILL") exited.resolve({ code: undefined, signal });
    },
  };
  const after = (ms: number, run: () => void) => systemClock.after(ms / 50, run);
  const transport = createStdioTransport(child, { maxLineLength: 1000, graceMs: 1000, after });
  transport.onmessage = (message) => void messages.push(message);
  transport.onoversize = (id) => void oversized.push(id);
  await transport.start();
  const bytes = (piece: string | Uint8Array) =>
    typeof piece === "string" ? new TextEncoder().encode(piece) : piece;
  return {
    ...{ transport, messages, oversized, written, signals, exit: exited.resolve },
    async say(...pieces) {
      for (const piece of pieces) await out.write(bytes(piece));
      // The reader takes a turn for each piece.
      await systemClock.sleep(0);
    },
    async complain(text) {
      await err.write(bytes(text));
      await systemClock.sleep(0);
    },
  };
}

const message = (text: string) => ({ jsonrpc: "2.0" as const, method: text });
const line = (text: string) => `${JSON.stringify(message(text))}\n`;

describe("createStdioTransport()", () => {
  it("reads messages however the pipe cuts them", async () => {
    const { say, messages } = await createScene();
    const all = new TextEncoder().encode(line("ä😀") + line("b") + line("c"));
    const cuts = [5, 29, 30, 31, 33, 60, all.length];

    await say(...cuts.map((cut, index) => all.slice(cuts[index - 1] ?? 0, cut)));

    assertEquals(messages, [message("ä😀"), message("b"), message("c")]);
  });

  it("writes what is sent within one turn at once", async () => {
    const { transport, written } = await createScene();

    await Promise.all([transport.send(message("a")), transport.send(message("b"))]);
    await transport.send(message("c"));

    assertEquals(written, [line("a") + line("b"), line("c")]);
  });

  it("drops a line that is too long, names its request, and reads on", async () => {
    const { say, messages, oversized } = await createScene();
    const long = "x".repeat(5000);

    await say(`{"id":"mcpp:7","result":"${long}"}\n`);
    await say('{"result":"', long, long, '","jsonrpc":"2.0","id":"mcpp:8"}\n', line("next"));
    await say(`{"result":"${long}"}\n`);

    assertEquals(oversized, ["mcpp:7", "mcpp:8", undefined]);
    assertEquals(messages, [message("next")]);
  });

  it("keeps what is no message, and what the program complained, in its log", async () => {
    const { say, complain, transport, messages } = await createScene();

    await say("Server listening\n", "\n", '"text"\n', line("a"));
    await complain("warning: api_key=0123456789\n");

    assertEquals(transport.log, ["Server listening", '"text"', "warning: api_key=[redacted]"]);
    assertEquals(messages, [message("a")]);
  });

  it("reads batches of older revisions", async () => {
    const { say, messages } = await createScene();

    await say(`${JSON.stringify([message("a"), message("b")])}\n`);

    assertEquals(messages, [message("a"), message("b")]);
  });

  it("says that the program ended, after its last words", async () => {
    const { complain, exit, transport } = await createScene();
    const closed = new Promise<void>((resolve) => {
      transport.onclose = resolve;
    });

    await complain("fatal: no config\n");
    exit({ code: 2, signal: undefined });
    await closed;

    assertEquals(transport.exit, { code: 2, signal: undefined });
    assertEquals(transport.log, ["fatal: no config"]);
  });

  it("ends the program's input first, and its group in any case", async () => {
    const { transport, signals } = await createScene();

    await transport.close();

    assertEquals(signals, ["SIGKILL"]);
  });

  it("is firm with a program that stays", async () => {
    const { transport, signals } = await createScene({ obeys: false });

    await Promise.all([transport.close(), transport.close()]);

    assertEquals(signals, ["SIGTERM", "SIGKILL"]);
    assert(transport.pid === 42);
  });
});
