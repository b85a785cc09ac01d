/** Where and how large: what the WebSockets of the three hosts have in common. @module */

/** The longest message that is taken: ours are 256 KiB at most, others' a frame of noise. */
export const MAX_SOCKET_MESSAGE_BYTES: number = 4 * 1024 * 1024;

/** Multiaddrs have no paths, so peers come to the root. */
export function isSocketPath(url: string): boolean {
  return new URL(url, "http://localhost").pathname === "/";
}
