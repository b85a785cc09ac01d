/**
 * A program that loads one server and prints what it saw as one line of JSON.
 *
 * It writes prepared bytes to raw keep-alive connections, one request in flight on each, and checks
 * status and answer of every response, because a client that does more would be what is measured.
 *
 * @module
 */

import { connect, type Socket } from "node:net";
import { UnavailableError } from "../src/errors.ts";
import { createResponseReader } from "./response-reader.ts";
import { quantile } from "./statistics.ts";

/** A request to repeat, and what its answer must contain. */
export interface LoadRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly expect: string;
}

/** What to do. It ends with whichever comes first, the time or the number of requests. */
export interface LoadJob {
  readonly port: number;
  readonly connections: number;
  readonly durationMs: number;
  readonly maxRequests: number;
  /** Sent in turn by every connection. */
  readonly requests: readonly LoadRequest[];
}

/** What was seen. */
export interface LoadResult {
  readonly requests: number;
  readonly elapsedMs: number;
  readonly errors: number;
  /** The first wrong answer. */
  readonly firstError?: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of this client over elapsed time: near 1, the client was the bottleneck. */
  readonly clientLoad: number;
}

/** Ids count from here: all have as many digits, so that they can be written in place. */
const FIRST_ID = 100_000_000;
/** A server that is silent for so long after the end of the load has lost a request. */
const SILENCE_MS = 5000;

interface Prepared {
  readonly bytes: Buffer;
  readonly idAt: number;
  readonly expect: Buffer;
}

function prepare({ headers, body, expect }: LoadRequest, port: number): Prepared {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST /mcp HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${lines.join("")}`;
  const numbered = body.replace(/"id":\d+/, `"id":${FIRST_ID}`);
  const length = `content-length: ${Buffer.byteLength(numbered)}\r\n\r\n`;
  const bytes = Buffer.from(head + length + numbered);
  return { bytes, idAt: bytes.indexOf(String(FIRST_ID)), expect: Buffer.from(expect) };
}

class Load {
  readonly #latencies: number[] = [];
  readonly #job: LoadJob;
  #started = 0;
  #sent = 0;
  #errors = 0;
  #firstError: string | undefined;

  constructor(job: LoadJob) {
    this.#job = job;
  }

  async run(): Promise<LoadResult> {
    this.#started = performance.now();
    const cpu = process.cpuUsage();
    const { connections, durationMs } = this.#job;
    const silence = AbortSignal.timeout(durationMs + SILENCE_MS);
    await Promise.all(
      Array.from({ length: connections }, (_, index) => this.#connection(index, silence)),
    );
    const elapsedMs = performance.now() - this.#started;
    const { user, system } = process.cpuUsage(cpu);
    return {
      requests: this.#latencies.length,
      elapsedMs,
      errors: this.#errors,
      ...(this.#firstError !== undefined && { firstError: this.#firstError }),
      p50Ms: quantile(this.#latencies, 0.5),
      p99Ms: quantile(this.#latencies, 0.99),
      clientLoad: (user + system) / 1000 / elapsedMs,
    };
  }

  #isOver(): boolean {
    const { maxRequests, durationMs } = this.#job;
    return this.#sent >= maxRequests || performance.now() - this.#started >= durationMs;
  }

  #connection(index: number, silence: AbortSignal): Promise<void> {
    const { requests, port } = this.#job;
    const prepared = requests.map((request) => prepare(request, port));
    return new Promise((resolve, reject) => {
      let turn = index;
      let current: Prepared | undefined;
      let id = "";
      let sentAt = 0;
      const send = (socket: Socket): void => {
        current = prepared[turn++ % prepared.length];
        if (!current || this.#isOver()) {
          socket.end();
          resolve();
          return;
        }
        // A session may have each id once; the answer must carry it, or answers were mixed up.
        id = String(FIRST_ID + this.#sent);
        current.bytes.write(id, current.idAt, "latin1");
        this.#sent += 1;
        sentAt = performance.now();
        socket.write(current.bytes);
      };
      const reader = createResponseReader((status, body) => {
        this.#latencies.push(performance.now() - sentAt);
        const isRight = status === 200 && current && body.includes(current.expect);
        if (!isRight || !body.includes(id)) this.#fail(status, body);
        send(socket);
      });
      silence.addEventListener("abort", () => {
        socket.destroy();
        reject(new UnavailableError("peer_unreachable", `Request ${id} was never answered`));
      });
      const onread = {
        buffer: Buffer.allocUnsafe(64 * 1024),
        callback: (size: number, buffer: Uint8Array): boolean => {
          reader.push((buffer as Buffer).subarray(0, size));
          return true;
        },
      };
      const socket = connect({ host: "127.0.0.1", port, noDelay: true, onread });
      socket.once("connect", () => send(socket));
      socket.once("error", reject);
      socket.once("close", () =>
        reject(new UnavailableError("peer_unreachable", "The server closed a connection")),
      );
    });
  }

  #fail(status: number, body: Buffer): void {
    this.#errors += 1;
    this.#firstError ??= `${status}: ${body.toString("utf8").slice(0, 500)}`;
  }
}

if (import.meta.main) {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const job = JSON.parse(Buffer.concat(chunks).toString("utf8")) as LoadJob;
  process.stdout.write(`${JSON.stringify(await new Load(job).run())}\n`);
}
