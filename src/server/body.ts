/**
 * Bodies of requests, within bounds: bytes are counted while they arrive, and JSON is measured
 * before it is parsed.
 *
 * @module
 */

import { InputError } from "../errors.ts";

/** What a JSON text may be, so that parsing it costs no more than its size suggests. */
export interface JsonBounds {
  readonly maxDepth: number;
  /** Values in all arrays and objects together. */
  readonly maxElements: number;
}

/** More than people and models write, less than what hurts. */
export const JSON_BOUNDS: JsonBounds = { maxDepth: 64, maxElements: 500_000 };

/** The text of a body of at most `maxBytes`; throws `body_too_large`. */
export async function readBody(request: Request, maxBytes: number): Promise<string> {
  try {
    return await readText(request, maxBytes);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    // Deno 2.9 hands over requests whose connection ends early; Node 24 and Bun 1.4 do not.
    throw new InputError(
      "invalid_input",
      "The body ended before it was complete: send as many bytes as the headers promise",
      { cause, data: { path: "" } },
    );
  }
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  const declared = request.headers.get("content-length");
  if (declared === null) return readStream(request.body, maxBytes);
  if (!(Number(declared) <= maxBytes)) throw tooLarge(maxBytes);
  // The host reads no more than was declared. Where the request never was on a wire, it did not.
  const text = await request.text();
  if (text.length > maxBytes) throw tooLarge(maxBytes);
  return text;
}

async function readStream(body: Request["body"], maxBytes: number): Promise<string> {
  if (!body) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function tooLarge(maxBytes: number): InputError {
  return new InputError(
    "body_too_large",
    `The body may have ${maxBytes} bytes at most: send less, or raise listen.maxBodyBytes`,
    { data: { maxBytes } },
  );
}

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/** Throws `unsupported_media_type` unless the body is said to be JSON. */
export function checkJsonType(contentType: string | null): void {
  if (contentType === "application/json" || JSON_TYPE.test(contentType ?? "")) return;
  throw new InputError(
    "unsupported_media_type",
    `The body must be JSON, with the header "Content-Type: application/json"; got ${contentType ? `"${contentType.slice(0, 100)}"` : "none"}`,
    { data: { expected: "application/json" } },
  );
}

/** The value of a JSON text within bounds; throws `invalid_input`. */
export function parseJson(text: string, bounds: JsonBounds = JSON_BOUNDS): unknown {
  checkJsonBounds(text, bounds);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError("invalid_input", `The body is not JSON: ${(cause as Error).message}`, {
      cause,
      data: { path: "" },
    });
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
/** `[` and `{`, `]` and `}` differ in one bit. */
const CASE_BIT = 0x20;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** Index of the quote that ends the string which begins at `start`, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slash = at - 1;
    while (text.charCodeAt(slash) === BACKSLASH) slash -= 1;
    if ((at - slash) % 2 === 1) return at;
  }
  return text.length;
}

/** One pass over the text; whether it is JSON at all is for the parser to say. */
function checkJsonBounds(text: string, { maxDepth, maxElements }: JsonBounds): void {
  let depth = 0;
  let elements = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      at = endOfString(text, at);
    } else if (char === COMMA) {
      elements += 1;
    } else if ((char | CASE_BIT) === OPEN) {
      depth += 1;
      elements += 1;
      if (depth > maxDepth) throw outOfBounds(`be nested ${maxDepth} levels deep`);
    } else if ((char | CASE_BIT) === CLOSE) {
      depth -= 1;
    }
  }
  if (elements > maxElements) throw outOfBounds(`hold ${maxElements} values`);
}

function outOfBounds(may: string): InputError {
  return new InputError("invalid_input", `The JSON may ${may} at most`, { data: { path: "" } });
}
