import { describe, expect, it } from 'vitest';
import { ByteScanner } from '../../../src/data/formats/byte-scanner.js';
import { seededRandom } from '../../../src/random.js';

function read(text: string): number {
  const scanner = new ByteScanner();
  scanner.feed(new TextEncoder().encode(`${text},`));
  const value = scanner.readFloat32();
  expect(scanner.position).toBe(text.length);
  return value;
}

describe('readFloat32', () => {
  it.each([
    ['0', 0],
    ['-0', -0],
    ['403.9761138916016', Math.fround(403.9761138916016)],
    ['1e-05', Math.fround(1e-5)],
    ['1E+3', 1000],
    ['16777217', 16777216], // halfway between two float32: to even
    ['16777219', 16777220],
    ['16777217.0000000100000000000', 16777218], // a hair above halfway
    ['16777217.0000000000000000001', 16777216], // too little for a double: rounded twice, as Number does
    ['0.000000000000000000000000000000000000012345678901234567', Math.fround(1.2345678901234567e-38)],
    ['1.401298464324817e-45', 2 ** -149],
    ['7.006492321624085e-46', 0], // half of the smallest, to even
    ['3.4028235677973366e38', Number.POSITIVE_INFINITY],
    ['123456789012345678901234567890', Math.fround(1.2345678901234568e29)],
    ['1e999999999999', Number.POSITIVE_INFINITY],
    ['1e-999999999999', 0],
  ])('rounds %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it('gives the bits of Math.fround(Number(text)) for 200,000 texts', () => {
    const random = seededRandom(1, 'floats');
    const bits = new Float32Array(1);
    const words = new Uint32Array(bits.buffer);
    const check = (text: string) => {
      const [got, expected] = [read2(text), Math.fround(Number(text))];
      if (!Object.is(got, expected)) throw new Error(`${text}: got ${got}, expected ${expected}`);
    };
    const scanner = new ByteScanner();
    const encoder = new TextEncoder();
    const read2 = (text: string) => {
      scanner.feed(encoder.encode(`${text} `));
      const value = scanner.readFloat32();
      scanner.position = scanner.end;
      return value;
    };
    for (let count = 0; count < 40_000; count++) {
      words[0] = random.integer(2 ** 32);
      if (Number.isFinite(bits[0])) {
        check(String(bits[0])); // any float32, printed as float64
        // the midpoint to its neighbour: the hardest case, exactly and with a digit more or less
        const lower = bits[0];
        words[0]++;
        const middle = (lower + bits[0]) / 2;
        if (Number.isFinite(middle)) {
          check(String(middle));
          check(middle.toPrecision(21));
          check(middle.toExponential(20).replace('e', '1e'));
        }
      }
      check((random.uniform() * 1100 - 50).toFixed(random.integer(17)));
    }
  });

  it.each(['', '-', '01', '.5', '1.', '1e', '1e+', '+1', 'abc'])('refuses %j', (text) => {
    expect(() => read(text)).toThrow(/is not a number/);
  });

  it('takes a number up again that was cut anywhere', () => {
    const text = '-403.9761138916016e-2';
    for (let cut = 1; cut <= text.length; cut++) {
      const scanner = new ByteScanner();
      scanner.feed(new TextEncoder().encode(text.slice(0, cut)));
      scanner.readFloat32();
      expect(scanner.isStarved).toBe(true);
      scanner.isStarved = false;
      scanner.feed(new TextEncoder().encode(`${text.slice(cut)} 7`));
      expect(scanner.readFloat32()).toBe(Math.fround(Number(text)));
      expect(scanner.offset).toBe(text.length);
    }
  });
});

describe('skipSpaces', () => {
  it('ends at the first byte that is no white space, wherever it lies in an indentation', () => {
    for (let length = 0; length <= 40; length++)
      for (const letter of ['\n', '\t', '1', '\0', 'x'])
        for (let at = 0; at < length; at++) {
          const text = `${' '.repeat(at)}${letter}${' '.repeat(length - at - 1)}7`;
          const scanner = new ByteScanner();
          scanner.feed(new TextEncoder().encode(text));
          expect(scanner.skipSpaces(0), JSON.stringify(text)).toBe(/\s/.test(letter) ? length : at);
        }
  });

  it('ends where the bytes do, with older bytes behind them', () => {
    const scanner = new ByteScanner();
    scanner.feed(new Uint8Array(64).fill(0x20));
    expect(scanner.skipSpaces(0)).toBe(64);
    scanner.position = 64;
    scanner.feed(new Uint8Array(5).fill(0x20));
    expect(scanner.skipSpaces(0)).toBe(5);
    const full = new ByteScanner();
    full.feed(new Uint8Array((1 << 16) - 1).fill(0x20));
    expect(full.skipSpaces(0)).toBe((1 << 16) - 1);
  });
});
