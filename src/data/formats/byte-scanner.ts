/** What is wrong with a file, at a byte; readers add the file and recording and throw it as a UserError. */
export class ScanError extends Error {
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.name = 'ScanError';
    this.offset = offset;
  }
}

const DECODER = new TextDecoder('utf-8', { fatal: false });

/** Exact powers of ten: the largest that a double holds exactly is 1e22. */
const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** Wider than the rounding of a double product or quotient plus the digits after the 18th. */
const BELOW = 1 - 2 ** -49;
const ABOVE = 1 + 2 ** -49;

/** Eight spaces, read as a double: no other eight bytes are this number. */
const EIGHT_SPACES = new DataView(new Uint8Array(8).fill(0x20).buffer).getFloat64(0);

/** So many bytes behind the end may be looked at. */
const PADDING = 8;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;

/**
 * A window over the bytes of a file of any size, which arrives in pieces. Whoever reads from it works on
 * `bytes[position .. end)` and says by its result that it needs more; what is unread then stays.
 */
export class ByteScanner {
  /** `bytes[end]` is always 0, so that loops over digits and spaces need no second condition. */
  bytes = new Uint8Array(1 << 16);
  #view = new DataView(this.bytes.buffer);
  position = 0;
  end = 0;
  /** No more bytes will come. */
  isEnded = false;
  /** Set by `readFloat32` when the number reaches the end of what is here; nothing was consumed then. */
  isStarved = false;
  #consumedBefore = 0;

  /** Where `position` is in the whole file. */
  get offset(): number {
    return this.#consumedBefore + this.position;
  }

  /** Adds bytes (copied). */
  feed(chunk: Uint8Array): void {
    const unread = this.end - this.position;
    this.#consumedBefore += this.position;
    const needed = unread + chunk.length + PADDING;
    if (needed > this.bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
      larger.set(this.bytes.subarray(this.position, this.end));
      this.bytes = larger;
      this.#view = new DataView(larger.buffer);
    } else this.bytes.copyWithin(0, this.position, this.end);
    this.bytes.set(chunk, unread);
    this.position = 0;
    this.end = unread + chunk.length;
    this.bytes[this.end] = 0;
  }

  /** The first place from `at` on, at most `end`, that holds no white space. Indentations are passed eight bytes at a time. */
  skipSpaces(at: number): number {
    const { bytes } = this;
    const view = this.#view;
    for (;;) {
      while (view.getFloat64(at) === EIGHT_SPACES) at += 8;
      const byte = bytes[at];
      if (byte !== SPACE && byte !== LINE_FEED && byte !== CARRIAGE_RETURN && byte !== TAB) return at;
      at++;
    }
  }

  /** The bytes [start, stop) of the window as text. */
  text(start: number, stop: number): string {
    return DECODER.decode(this.bytes.subarray(start, stop));
  }

  fail(message: string, at = this.position): never {
    throw new ScanError(this.#consumedBefore + at, message);
  }

  /**
   * Reads a JSON number and rounds it to float32, bit for bit as `Math.fround(Number(text))` does.
   *
   * The first 18 digits and a power of ten give a double that is at most a few units in the last place off
   * (Clinger 1990, the fast path). Where everything within 2^-49 of it rounds to the same float32, that is the
   * answer; else the text is converted exactly.
   */
  readFloat32(): number {
    const bytes = this.bytes;
    const start = this.position;
    let at = start;
    const isNegative = bytes[at] === MINUS;
    if (isNegative) at++;
    const firstDigit = at;
    let high = 0; // digits 1 to 9
    let low = 0; // digits 10 to 18
    let digits = 0; // significant ones, at most 18
    let scale = 0; // the value is (high, low) * 10^scale
    let digit = bytes[at] - ZERO;
    while (digit >= 0 && digit <= 9) {
      if (digits < 9) {
        high = (high * 10 + digit) | 0;
        if (high !== 0) digits++;
      } else if (digits < 18) {
        low = (low * 10 + digit) | 0;
        digits++;
      } else scale++;
      digit = bytes[++at] - ZERO;
    }
    const integerDigits = at - firstDigit;
    let isMalformed = integerDigits === 0 || (integerDigits > 1 && bytes[firstDigit] === ZERO);
    if (bytes[at] === POINT) {
      const firstDecimal = ++at;
      digit = bytes[at] - ZERO;
      while (digit >= 0 && digit <= 9) {
        if (digits < 9) {
          high = (high * 10 + digit) | 0;
          if (high !== 0) digits++;
          scale--;
        } else if (digits < 18) {
          low = (low * 10 + digit) | 0;
          digits++;
          scale--;
        }
        digit = bytes[++at] - ZERO;
      }
      if (at === firstDecimal) isMalformed = true;
    }
    if ((bytes[at] | 0x20) === 0x65) {
      at++;
      const isSmall = bytes[at] === MINUS;
      if (isSmall || bytes[at] === PLUS) at++;
      const firstExponentDigit = at;
      let exponent = 0;
      digit = bytes[at] - ZERO;
      while (digit >= 0 && digit <= 9) {
        if (exponent < 10_000) exponent = exponent * 10 + digit;
        digit = bytes[++at] - ZERO;
      }
      if (at === firstExponentDigit) isMalformed = true;
      scale += isSmall ? -exponent : exponent;
    }
    if (at >= this.end && !this.isEnded) {
      this.isStarved = true;
      return 0;
    }
    if (isMalformed)
      this.fail(`${JSON.stringify(this.text(start, Math.min(at + 8, this.end)))} is not a number`);
    this.position = at;
    if (scale >= -22 && scale <= 22) {
      const mantissa = digits > 9 ? high * POWERS_OF_TEN[digits - 9] + low : high;
      const value = scale < 0 ? mantissa / POWERS_OF_TEN[-scale] : mantissa * POWERS_OF_TEN[scale];
      const below = Math.fround(value * BELOW);
      if (below === Math.fround(value * ABOVE)) return isNegative ? -below : below;
    }
    return Math.fround(Number(this.text(start, at)));
  }
}
