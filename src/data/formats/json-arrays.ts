import type { ByteScanner } from './byte-scanner.js';

const SPACE = 0x20;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMA = 0x2c;

/** What may come next in a JSON array. */
const VALUE = 0;
const VALUE_OR_CLOSE = 1;
const COMMA_OR_CLOSE = 2;

/**
 * Reads one JSON array of numbers of the shape [any, ...inner] from a scanner, in as many pieces as the bytes come
 * in. `null` and `NaN` are missing values (NaN). Throws a ScanError for any other shape or content.
 */
export class JsonArrayReader {
  /** The numbers in the order of the file; only the first `length` count. */
  values: Float32Array<ArrayBuffer>;
  length = 0;
  readonly #inner: readonly number[];
  readonly #counts: Int32Array;
  #depth = 0;
  #next = VALUE;

  constructor(inner: readonly number[]) {
    this.#inner = inner;
    this.#counts = new Int32Array(inner.length + 2);
    this.values = new Float32Array(1024);
  }

  /** The extent of the first axis: how many are complete. */
  get count(): number {
    return this.#counts[1];
  }

  /** Goes on reading; true when the array is complete, false when more bytes are needed. */
  read(scanner: ByteScanner): boolean {
    const { bytes } = scanner;
    const counts = this.#counts;
    const rank = this.#inner.length + 1;
    let depth = this.#depth;
    let next = this.#next;
    let at = scanner.position;
    for (;;) {
      if (bytes[at] <= SPACE) at = scanner.skipSpaces(at);
      if (at >= scanner.end) break;
      const byte = bytes[at];
      if (byte === COMMA && next === COMMA_OR_CLOSE) {
        next = VALUE;
        at++;
      } else if (byte === OPEN && next !== COMMA_OR_CLOSE && depth < rank) {
        counts[depth]++;
        counts[++depth] = 0;
        next = VALUE_OR_CLOSE;
        at++;
      } else if (byte === CLOSE && next !== VALUE) {
        if (depth > 1 && counts[depth] !== this.#inner[depth - 2])
          scanner.fail(this.#describeCount(depth), at);
        next = COMMA_OR_CLOSE;
        at++;
        if (--depth === 0) {
          scanner.position = at;
          return true;
        }
      } else if (next !== COMMA_OR_CLOSE && depth === rank) {
        scanner.position = at;
        if (this.length === this.values.length) this.#grow();
        const value = byte <= 0x39 ? scanner.readFloat32() : readMissing(scanner);
        if (scanner.isStarved) {
          scanner.isStarved = false;
          break;
        }
        this.values[this.length++] = value;
        counts[depth]++;
        next = COMMA_OR_CLOSE;
        at = scanner.position;
      } else scanner.fail(this.#describeByte(bytes[at], depth, next), at);
    }
    scanner.position = at;
    this.#depth = depth;
    this.#next = next;
    if (scanner.isEnded) scanner.fail('the file ends inside an array');
    return false;
  }

  #grow(): void {
    const larger = new Float32Array(this.values.length * 2);
    larger.set(this.values);
    this.values = larger;
  }

  #describeCount(depth: number): string {
    return `item ${this.#counts[1] - 1}: expected ${this.#inner[depth - 2]} values at depth ${depth}, got ${this.#counts[depth]}`;
  }

  #describeByte(byte: number, depth: number, next: number): string {
    const got = JSON.stringify(String.fromCharCode(byte));
    const rank = this.#inner.length + 1;
    const expected = next === COMMA_OR_CLOSE ? '"," or "]"' : depth < rank ? '"["' : 'a number';
    return `item ${Math.max(0, this.#counts[1] - 1)}: expected ${expected}, got ${got}`;
  }
}

/** `null` or `NaN`, which Python writes for missing values. */
function readMissing(scanner: ByteScanner): number {
  const { bytes, position, end, isEnded } = scanner;
  for (const word of ['null', 'NaN']) {
    if (bytes[position] !== word.charCodeAt(0)) continue;
    if (position + word.length > end && !isEnded) {
      scanner.isStarved = true;
      return 0;
    }
    if (scanner.text(position, position + word.length) !== word) break;
    scanner.position = position + word.length;
    return Number.NaN;
  }
  return scanner.fail(
    `expected a number, got ${JSON.stringify(scanner.text(position, Math.min(position + 8, end)))}`,
  );
}
