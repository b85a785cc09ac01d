/**
 * MCP's stdio transport over a child process: one JSON-RPC message per line.
 *
 * @module
 */

import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/client";
import type { ExitStatus, Subprocess } from "../host.ts";
import { mayHide, redact } from "./sanitize.ts";

/** What arrived, and whether its text may hold hidden characters. */
export interface Arrival {
  readonly mayHide: boolean;
}

/** A transport whose messages come from a program. */
export interface StdioTransport extends Transport {
  readonly pid: number;
  /** The last lines of its standard error (and of what was no message on its output). */
  readonly log: readonly string[];
  readonly exit: ExitStatus | undefined;
  /** Set by the owner: like `onmessage`, with what is known of the text. */
  onarrival?: ((message: JSONRPCMessage, arrival: Arrival) => void) | undefined;
  /** Set by the owner: a line longer than the bound was dropped; `id` is its request, if known. */
  onoversize?: ((id: string | undefined) => void) | undefined;
}

/** Bounds of the transport. */
export interface StdioTransportOptions {
  readonly maxLineLength: number;
  /** How long the program has to end after its input ended, and again after SIGTERM. */
  readonly graceMs: number;
  readonly after: (ms: number, run: () => void) => () => void;
}

const LOG_LINES = 40;
const LOG_LINE_LENGTH = 500;

/** A transport over a started program. */
export function createStdioTransport(
  child: Subprocess,
  options: StdioTransportOptions,
): StdioTransport {
  return new ChildTransport(child, options);
}

class ChildTransport implements StdioTransport {
  readonly #child: Subprocess;
  readonly #options: StdioTransportOptions;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #encoder = new TextEncoder();
  readonly log: string[] = [];
  exit: ExitStatus | undefined;
  #outgoing = "";
  #flushed: Promise<void> | undefined;
  #isClosing = false;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  onarrival?: ((message: JSONRPCMessage, arrival: Arrival) => void) | undefined;
  onoversize?: ((id: string | undefined) => void) | undefined;

  constructor(child: Subprocess, options: StdioTransportOptions) {
    this.#child = child;
    this.#options = options;
    this.#writer = child.stdin.getWriter();
    // Writing to a program that is gone fails; its exit, which we watch, tells more.
    this.#writer.closed.catch(() => {});
  }

  get pid(): number {
    return this.#child.pid;
  }

  start(): Promise<void> {
    const { stdout, stderr, exited } = this.#child;
    const lines = readLines(stdout, this.#options.maxLineLength, {
      line: (line) => this.#receive(line),
      oversize: (head, tail) => this.onoversize?.(idIn(head) ?? idIn(tail)),
    });
    const errors = readLines(stderr, LOG_LINE_LENGTH * 8, {
      line: (line) => this.#note(line),
      oversize: (head) => this.#note(head),
    });
    // The last words of a program often explain its end, so they are read first; but a grandchild
    // may keep the pipe open for ever.
    void exited.then(async (exit) => {
      this.exit = exit;
      await Promise.race([Promise.all([lines, errors]), this.#wait(200)]);
      this.onclose?.();
    });
    return Promise.resolve();
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#options.after(ms, resolve));
  }

  #note(line: string): void {
    if (line.trim() === "") return;
    this.log.push(redact(line.slice(0, LOG_LINE_LENGTH)));
    if (this.log.length > LOG_LINES) this.log.shift();
  }

  #receive(line: string): void {
    let parsed: unknown;
    try {
      parsed = JSON.parse(line);
    } catch {
      // Not a message: programs print greetings and logs to the wrong stream.
      this.#note(line);
      return;
    }
    const arrival = { mayHide: mayHide(line) };
    for (const message of Array.isArray(parsed) ? parsed : [parsed]) {
      if (typeof message !== "object" || message === null) this.#note(line);
      else if (this.onarrival) this.onarrival(message, arrival);
      else this.onmessage?.(message);
    }
  }

  /** What is sent within one turn goes out in one write. */
  send(message: JSONRPCMessage): Promise<void> {
    this.#outgoing += `${JSON.stringify(message)}\n`;
    this.#flushed ??= Promise.resolve().then(() => {
      const bytes = this.#encoder.encode(this.#outgoing);
      this.#outgoing = "";
      this.#flushed = undefined;
      return this.#writer.write(bytes);
    });
    return this.#flushed;
  }

  async close(): Promise<void> {
    const { exited } = this.#child;
    if (!this.#isClosing) {
      this.#isClosing = true;
      await Promise.race([this.#writer.close().catch(() => {}), this.#wait(100)]);
      const { graceMs } = this.#options;
      if (!(await this.#ends(graceMs))) {
        this.#child.kill("SIGTERM");
        await this.#ends(graceMs);
      }
      // Also when the program itself is gone: what it started may not be.
      this.#child.kill("SIGKILL");
    }
    await exited;
  }

  #ends(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const disarm = this.#options.after(ms, () => resolve(false));
      void this.#child.exited.then(() => {
        disarm();
        resolve(true);
      });
    });
  }
}

/** The id of one of our own requests, as `link.ts` makes them. */
function idIn(text: string): string | undefined {
  return /"id"\s*:\s*"(mcpp:\d+)"/.exec(text)?.[1];
}

interface LineReader {
  line(text: string): void;
  /** A line longer than allowed, of which only the ends were kept. */
  oversize(head: string, tail: string): void;
}

async function readLines(
  stream: ReadableStream<Uint8Array>,
  maxLength: number,
  reader: LineReader,
): Promise<void> {
  const splitter = new LineSplitter(maxLength, reader);
  const decoder = new TextDecoder();
  const source = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await source.read();
      if (done) break;
      splitter.add(decoder.decode(value, { stream: true }));
    }
  } catch {
    // A pipe that breaks is a program that ended: its exit is reported.
  }
  splitter.end();
}

const ENDS_LENGTH = 256;

/** Text in pieces → lines, without searching any piece twice. */
class LineSplitter {
  readonly #maxLength: number;
  readonly #reader: LineReader;
  #parts: string[] = [];
  #length = 0;

  constructor(maxLength: number, reader: LineReader) {
    this.#maxLength = maxLength;
    this.#reader = reader;
  }

  add(text: string): void {
    let from = 0;
    for (;;) {
      const end = text.indexOf("\n", from);
      if (end < 0) break;
      this.#keep(from === 0 && end === text.length - 1 ? text.slice(0, -1) : text.slice(from, end));
      this.end();
      from = end + 1;
    }
    if (from < text.length) this.#keep(from === 0 ? text : text.slice(from));
  }

  #keep(part: string): void {
    this.#length += part.length;
    this.#parts.push(part);
    if (this.#length <= this.#maxLength || this.#parts.length < 2) return;
    const all = this.#parts.join("");
    this.#parts = [all.slice(0, ENDS_LENGTH), all.slice(-ENDS_LENGTH)];
  }

  end(): void {
    if (this.#length === 0) return;
    const line = this.#parts.length === 1 ? (this.#parts[0] ?? "") : this.#parts.join("");
    if (this.#length > this.#maxLength) {
      this.#reader.oversize(line.slice(0, ENDS_LENGTH), line.slice(-ENDS_LENGTH));
    } else this.#reader.line(line);
    this.#parts = [];
    this.#length = 0;
  }
}
