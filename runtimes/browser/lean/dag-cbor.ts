/**
 * In pages, for `@ipld/dag-cbor`: the bytes under a signature or a CID, of JSON values. Nothing is
 * decoded in a page, and the library is 7 KiB of the bundle (gzip).
 *
 * Rules: https://ipld.io/specs/codecs/dag-cbor/spec/ (lengths as short as can be, keys by length
 * and then by bytes, floats of 64 bits).
 *
 * @module
 */

const UNSIGNED = 0x00;
const NEGATIVE = 0x20;
const TEXT = 0x60;
const LIST = 0x80;
const MAP = 0xa0;
const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;
const FLOAT64 = 0xfb;

const encoder = new TextEncoder();

/** A JSON value in its one encoding; throws on what JSON has no form for. */
export function encode(value: unknown): Uint8Array {
  const bytes: number[] = [];
  write(bytes, value);
  return Uint8Array.from(bytes);
}

function write(bytes: number[], value: unknown): void {
  if (value === null) bytes.push(NULL);
  else if (typeof value === "boolean") bytes.push(value ? TRUE : FALSE);
  else if (typeof value === "number") writeNumber(bytes, value);
  else if (typeof value === "string") writeText(bytes, value);
  else if (Array.isArray(value)) {
    writeHead(bytes, LIST, value.length);
    for (const item of value) write(bytes, item);
  } else if (typeof value === "object") writeMap(bytes, value as Record<string, unknown>);
  else throw new TypeError(`DAG-CBOR has no form for ${typeof value}`);
}

function writeNumber(bytes: number[], value: number): void {
  if (Number.isSafeInteger(value)) {
    if (value >= 0) writeHead(bytes, UNSIGNED, value);
    else writeHead(bytes, NEGATIVE, -1 - value);
    return;
  }
  if (!Number.isFinite(value)) throw new TypeError(`DAG-CBOR has no form for ${value}`);
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  bytes.push(FLOAT64, ...new Uint8Array(view.buffer));
}

function writeText(bytes: number[], text: string): void {
  const utf8 = encoder.encode(text);
  writeHead(bytes, TEXT, utf8.length);
  for (const byte of utf8) bytes.push(byte);
}

function writeMap(bytes: number[], map: Readonly<Record<string, unknown>>): void {
  const entries = Object.entries(map).map(
    ([key, value]) => [encoder.encode(key), value, key] as const,
  );
  entries.sort(([a], [b]) => a.length - b.length || compare(a, b));
  writeHead(bytes, MAP, entries.length);
  for (const [, value, key] of entries) {
    writeText(bytes, key);
    write(bytes, value);
  }
}

function compare(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

/** The kind and a number, in as few bytes as the number needs. */
function writeHead(bytes: number[], kind: number, size: number): void {
  if (size < 24) {
    bytes.push(kind | size);
    return;
  }
  const power = size < 0x100 ? 0 : size < 0x10000 ? 1 : size < 0x1_0000_0000 ? 2 : 3;
  bytes.push(kind | (24 + power));
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(size));
  for (let at = 8 - 2 ** power; at < 8; at += 1) bytes.push(view.getUint8(at));
}
