/**
 * SHA-256 (FIPS 180-4) without waiting, for texts of up to about 1 KiB.
 *
 * An API key or the input of a call is hashed on every request. For 60 bytes WebCrypto's
 * asynchronous digest takes 15 µs on Node 24, this takes 3; from 1 KiB on WebCrypto is as fast.
 *
 * @module
 */

type Words = [number, number, number, number, number, number, number, number];

const encoder = new TextEncoder();

/** The first `count` primes. */
function primes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n += 1) {
    if (found.every((prime) => n % prime !== 0)) found.push(n);
  }
  return found;
}

/** The first 32 bits of the fractional part. */
function fraction(value: number): number {
  return ((value - Math.floor(value)) * 0x1_0000_0000) | 0;
}

const ROUND_CONSTANTS: Int32Array = Int32Array.from(primes(64), (n) => fraction(Math.cbrt(n)));
const INITIAL_STATE = primes(8).map((n) => fraction(Math.sqrt(n))) as Words;

/**
 * Reused by every block: hashing is synchronous, so no two blocks are ever in it at once. The casts
 * below hold because every index is smaller than the array's fixed length.
 */
const schedule: Int32Array = new Int32Array(64);

/** The message with its padding: 0x80, zeros, and its length in bits. */
function padded(message: Uint8Array): DataView {
  const length = (message.length + 9 + 63) & ~63;
  const bytes = new Uint8Array(length);
  bytes.set(message);
  bytes[message.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setUint32(length - 8, Math.floor(message.length / 0x2000_0000));
  view.setUint32(length - 4, message.length << 3);
  return view;
}

function fillSchedule(view: DataView, offset: number): void {
  for (let at = 0; at < 16; at += 1) schedule[at] = view.getInt32(offset + at * 4);
  for (let at = 16; at < 64; at += 1) {
    const x = schedule[at - 15] as number;
    const y = schedule[at - 2] as number;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    schedule[at] = ((schedule[at - 16] as number) + s0 + (schedule[at - 7] as number) + s1) | 0;
  }
}

/** The state after the block that is in the schedule. */
function compress(state: Readonly<Words>): Words {
  let [a, b, c, d, e, f, g, h] = state;
  for (let at = 0; at < 64; at += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const choice = (e & f) ^ (~e & g);
    const t1 = (h + s1 + choice + (ROUND_CONSTANTS[at] as number) + (schedule[at] as number)) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + s0 + majority) | 0;
  }
  return [
    (state[0] + a) | 0,
    (state[1] + b) | 0,
    (state[2] + c) | 0,
    (state[3] + d) | 0,
    (state[4] + e) | 0,
    (state[5] + f) | 0,
    (state[6] + g) | 0,
    (state[7] + h) | 0,
  ];
}

/** The digest of a text's UTF-8 bytes, or of bytes, as 64 hexadecimal digits. */
export function sha256(message: string | Uint8Array): string {
  const view = padded(typeof message === "string" ? encoder.encode(message) : message);
  let state = INITIAL_STATE;
  for (let offset = 0; offset < view.byteLength; offset += 64) {
    fillSchedule(view, offset);
    state = compress(state);
  }
  let hex = "";
  for (const word of state) hex += (word >>> 0).toString(16).padStart(8, "0");
  return hex;
}
