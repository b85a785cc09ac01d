/**
 * In pages, for the package `netmask`, of which libp2p asks one thing: whether an IPv4 address is in
 * a block. The package also counts, splits and reads octal.
 *
 * @module
 */

/** A block of IPv4 addresses such as `10.0.0.0/8`. */
export class Netmask {
  readonly #shift: number;
  readonly #block: number;

  constructor(text: string) {
    const [address = "", bits = "32"] = text.split("/");
    this.#shift = 2 ** (32 - Number(bits));
    this.#block = Math.floor(numberOf(address) / this.#shift);
  }

  contains(address: string): boolean {
    return Math.floor(numberOf(address) / this.#shift) === this.#block;
  }
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}
