import { UserError } from '../../errors.js';

/** The bytes of a pickle from front to back, and the errors that name a place in them. */
export class PickleCursor {
  readonly #bytes: Buffer;
  readonly #path: string;
  #at = 0;

  constructor(bytes: Uint8Array, path: string) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#path = path;
  }

  /** The next bytes. */
  take(count: number): Buffer {
    if (this.#at + count > this.#bytes.length) this.fail('the file ends too early');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** An unsigned count. */
  readSize(width: 1 | 4 | 8): number {
    const bytes = this.take(width);
    if (width === 8) return Number(bytes.readBigUInt64LE());
    return width === 4 ? bytes.readUInt32LE() : bytes[0];
  }

  /** A signed number of so many bytes. */
  readLong(width: number): number {
    let value = 0n;
    const bytes = this.take(width);
    for (let at = width - 1; at >= 0; at--) value = (value << 8n) | BigInt(bytes[at]);
    return width === 0 ? 0 : Number(BigInt.asIntN(width * 8, value));
  }

  /** The number that a text says. */
  toNumber(text: string): number {
    const value = Number(text);
    return text.trim() === '' || Number.isNaN(value)
      ? this.fail(`${JSON.stringify(text.slice(0, 40))} is no number`)
      : value;
  }

  /** The text up to the end of the line. */
  readLine(encoding: 'utf8' | 'latin1' = 'utf8'): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) this.fail('the file ends too early');
    const text = this.#bytes.toString(encoding, this.#at, end);
    this.#at = end + 1;
    return text;
  }

  /** Throws a UserError at this place. */
  fail(what: string): never {
    throw new UserError('data', `${this.#path}, byte ${this.#at} of the pickle: ${what}`, {
      hint: 'Only dictionaries of plain values and NumPy arrays of numbers are read.',
    });
  }
}
