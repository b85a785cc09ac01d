/** Splits what a keep-alive HTTP/1.1 connection receives into responses. @module */

import { IntegrityError } from "../src/errors.ts";

/** Takes the bytes of one connection in the order of their arrival. */
export interface ResponseReader {
  push(chunk: Buffer): void;
}

const HEAD_END: Buffer = Buffer.from("\r\n\r\n");
const LINE_END: Buffer = Buffer.from("\r\n");

/** Call `onResponse` with status and raw body (still chunked, if it was) of every response. */
export function createResponseReader(
  onResponse: (status: number, body: Buffer) => void,
): ResponseReader {
  let rest: Buffer | undefined;
  return {
    push(chunk) {
      let data = rest ? Buffer.concat([rest, chunk]) : chunk;
      while (data.length > 0) {
        const bodyStart = data.indexOf(HEAD_END) + HEAD_END.length;
        if (bodyStart < HEAD_END.length) break;
        const head = data.toString("latin1", 0, bodyStart);
        const end = bodyEnd(head, data, bodyStart);
        if (end === undefined || end > data.length) break;
        onResponse(Number(head.slice(9, 12)), data.subarray(bodyStart, end));
        data = data.subarray(end);
      }
      // The receive buffer is used again, so what is kept must be a copy.
      rest = data.length > 0 ? Buffer.from(data) : undefined;
    },
  };
}

/** Where the body ends; `undefined` while that is not known yet. */
function bodyEnd(head: string, data: Buffer, start: number): number | undefined {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return start + Number(length);
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) {
    throw new IntegrityError("malformed_frame", `A response has no length: ${head}`);
  }
  return chunksEnd(data, start);
}

function chunksEnd(data: Buffer, start: number): number | undefined {
  for (let at = start; ; ) {
    const lineEnd = data.indexOf(LINE_END, at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(data.toString("latin1", at, lineEnd), 16);
    at = lineEnd + LINE_END.length + size + LINE_END.length;
    if (at > data.length) return undefined;
    if (size === 0) return at;
  }
}
