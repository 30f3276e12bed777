import { gzipSync } from 'node:zlib';
import type { Random } from '../../../src/random.js';

/** A file that a reader should refuse or read right. */
export interface Mutation {
  /** What was done to it; names the case when it fails. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The same content in another dress: it has to give the same result. */
  readonly isSame: boolean;
}

/** `description`: JSON that only Whisker itself writes, so in no other dress. */
export type FileKind = 'json' | 'description' | 'table' | 'binary';

type Mutator = (base: Buffer, random: Random) => Buffer;

const STRUCTURAL: Readonly<Record<FileKind, string>> = {
  json: '{}[],:"',
  description: '{}[],:"',
  table: ',;\t\n\r"->:',
  binary: '\0\n',
};

const HUGE = [
  '1e999',
  '-1e400',
  '1e-400',
  '99999999999999999999999999',
  '4294967297',
  '-1',
  '2147483648',
  '1.7976931348623157e308',
  '0x10',
  'NaN',
  '-Infinity',
  '',
  '01',
  '1.',
];

const NAMES = [
  '../../x',
  '__proto__',
  'constructor',
  'toString',
  '',
  '/etc/x',
  'a\\b',
  'C:x',
  'a/../../b',
  '\\u0000',
  '\u202e',
  'x'.repeat(10_000),
];

/** A mutation drawn from all that fit the kind of file. */
export function mutate(base: Buffer, kind: FileKind, random: Random): Mutation {
  const names = [...DRESSES[kind], ...CHANGES[kind]];
  const name = names[random.integer(names.length)];
  const bytes = MUTATORS[name](base, random);
  return { name, bytes, isSame: DRESSES[kind].includes(name) };
}

/** The file cut off behind each of its structural characters, evenly thinned to `limit`. */
export function* truncations(base: Buffer, kind: FileKind, limit: number): Generator<Mutation, void> {
  const places = structuralPlaces(base, kind);
  const step = Math.max(1, Math.ceil(places.length / limit));
  for (let at = 0; at < places.length; at += step)
    yield { name: `cut at ${places[at]}`, bytes: base.subarray(0, places[at]), isSame: false };
}

const MUTATORS: Readonly<Record<string, Mutator>> = {
  'byte order mark': (base) => Buffer.concat([Buffer.from('\ufeff'), base]),
  'CRLF line ends': (base) => replaceText(base, (text) => text.replace(/\r?\n/g, '\r\n')),
  gzip: (base) => gzipSync(base, { level: 1 }),
  empty: () => Buffer.alloc(0),
  'white space only': () => Buffer.from(' \r\n\t\n'),
  garbage: (_, random) => randomBytes(1 + random.integer(3000), random),
  'garbage behind': (base, random) => Buffer.concat([base, randomBytes(1 + random.integer(40), random)]),
  'cut in gzip': (base, random) => {
    const packed = gzipSync(base, { level: 1 });
    return packed.subarray(0, random.integer(packed.length));
  },
  'UTF-16': (base) => Buffer.from(`\ufeff${base.toString('latin1')}`, 'utf16le'),
  cut: (base, random) => base.subarray(0, random.integer(base.length)),
  'bit flips': (base, random) => {
    const bytes = Buffer.from(base);
    for (let count = 1 + random.integer(4); count > 0; count--)
      bytes[random.integer(bytes.length)] ^= 1 << random.integer(8);
    return bytes;
  },
  'another byte': (base, random) => {
    const bytes = Buffer.from(base);
    bytes[random.integer(bytes.length)] = random.integer(256);
    return bytes;
  },
  'a span left out': (base, random) => {
    const [start, stop] = drawSpan(base, random);
    return Buffer.concat([base.subarray(0, start), base.subarray(stop)]);
  },
  'a span twice': (base, random) => {
    const [start, stop] = drawSpan(base, random);
    return Buffer.concat([base.subarray(0, stop), base.subarray(start)]);
  },
  'a structural span left out': (base, random) => {
    const [start, stop] = drawStructuralSpan(base, random);
    return Buffer.concat([base.subarray(0, start), base.subarray(stop)]);
  },
  'a structural span twice': (base, random) => {
    const [start, stop] = drawStructuralSpan(base, random);
    return Buffer.concat([base.subarray(0, stop), base.subarray(start)]);
  },
  'a letter': (base, random) => {
    const alphabet = '0123456789.,;:-+eE[]{}"\\ \n\r\tnulNaN>\u0000é';
    const at = random.integer(base.length);
    const letter = Buffer.from(alphabet[random.integer(alphabet.length)]);
    return Buffer.concat([base.subarray(0, at), letter, base.subarray(at + random.integer(3))]);
  },
  'a huge number': (base, random) => replaceOne(base, /-?\d+(\.\d+)?(e[+-]?\d+)?/gi, HUGE, random),
  'a bad name': (base, random) => replaceOne(base, /[A-Za-z_][\w/]*/g, NAMES, random),
  'a repeated name': (base, random) => {
    const words = base.toString('latin1').match(/[A-Za-z_][\w/]*/g) ?? ['a'];
    return replaceOne(base, /[A-Za-z_][\w/]*/g, [words[random.integer(words.length)]], random);
  },
  'deep nesting': (base, random) => {
    const [open, close] = [
      ['[', ']'],
      ['{"a":', '}'],
      ['(', ')'],
      ['"', '"'],
    ][random.integer(4)];
    const depth = [10, 1000, 100_000][random.integer(3)];
    const places = structuralPlaces(base, 'json');
    const at = places[random.integer(places.length)] ?? 0;
    const closing = random.integer(2) === 0 ? close.repeat(depth) : '';
    const middle = Buffer.from(`${open.repeat(depth)}${closing}`);
    return Buffer.concat([base.subarray(0, at), middle, base.subarray(at)]);
  },
  'a deep pickle': (base, random) => {
    // lists in lists, or calls of calls, before whatever the file goes on with
    const at = random.integer(base.length);
    const depth = [50, 200, 100_000][random.integer(3)];
    const middle =
      random.integer(2) === 0 ? `${']'.repeat(depth)}${'a'.repeat(depth - 1)}` : '('.repeat(depth);
    return Buffer.concat([base.subarray(0, at), Buffer.from(middle, 'latin1'), base.subarray(at)]);
  },
  'a huge field': (base, random) => {
    const bytes = Buffer.from(base);
    const width = [1, 2, 4, 8][random.integer(4)];
    const value = [0x00, 0xff, 0x7f][random.integer(3)];
    const at = random.integer(Math.max(1, bytes.length - width));
    bytes.fill(value, at, at + width);
    return bytes;
  },
  'lines swapped': (base, random) =>
    replaceText(base, (text) => {
      const lines = text.split('\n');
      const [one, other] = [random.integer(lines.length), random.integer(lines.length)];
      [lines[one], lines[other]] = [lines[other], lines[one]];
      return lines.join('\n');
    }),
  'another delimiter': (base, random) =>
    replaceText(base, (text) => text.replaceAll(',', [';', '\t', '|'][random.integer(3)])),
};

const COMMON = [
  'empty',
  'white space only',
  'garbage',
  'garbage behind',
  'cut in gzip',
  'cut',
  'bit flips',
  'another byte',
  'a span left out',
  'a span twice',
  'a letter',
];

/** By kind: what leaves the content as it is. */
const DRESSES: Readonly<Record<FileKind, readonly string[]>> = {
  json: ['byte order mark', 'CRLF line ends', 'gzip'],
  table: ['byte order mark', 'CRLF line ends', 'gzip'],
  description: [],
  binary: [],
};

const TEXT = [
  ...COMMON,
  'UTF-16',
  'a structural span left out',
  'a structural span twice',
  'a huge number',
  'a bad name',
  'a repeated name',
  'deep nesting',
];

const CHANGES: Readonly<Record<FileKind, readonly string[]>> = {
  json: TEXT,
  description: [...TEXT, 'gzip', 'byte order mark'],
  table: [...TEXT, 'lines swapped', 'another delimiter'],
  binary: [
    ...COMMON,
    'gzip',
    'byte order mark',
    'a huge field',
    'a huge number',
    'a bad name',
    'a repeated name',
    'a deep pickle',
  ],
};

function structuralPlaces(base: Buffer, kind: FileKind): number[] {
  const places: number[] = [];
  for (let at = 0; at < base.length; at++)
    if (STRUCTURAL[kind].includes(String.fromCharCode(base[at]))) places.push(at, at + 1);
  return places;
}

function drawSpan(base: Buffer, random: Random): [number, number] {
  const start = random.integer(base.length);
  return [start, Math.min(base.length, start + 1 + random.integer(40))];
}

/** A span between two structural characters, not far from each other: an item, a line, a cell. */
function drawStructuralSpan(base: Buffer, random: Random): [number, number] {
  const places = structuralPlaces(base, 'json').concat(structuralPlaces(base, 'table'));
  places.sort((one, other) => one - other);
  const at = random.integer(places.length);
  return [places[at] ?? 0, places[Math.min(places.length - 1, at + 1 + random.integer(12))] ?? 0];
}

function replaceText(base: Buffer, change: (text: string) => string): Buffer {
  return Buffer.from(change(base.toString('latin1')), 'latin1');
}

/** One match of `pattern`, drawn at random, becomes one of `values`. */
function replaceOne(base: Buffer, pattern: RegExp, values: readonly string[], random: Random): Buffer {
  const text = base.toString('latin1');
  const matches = [...text.matchAll(pattern)];
  if (matches.length === 0) return base;
  const { index, 0: found } = matches[random.integer(matches.length)];
  const value = Buffer.from(values[random.integer(values.length)]);
  return Buffer.concat([base.subarray(0, index), value, base.subarray(index + found.length)]);
}

function randomBytes(length: number, random: Random): Buffer {
  return Buffer.from(Uint8Array.from({ length }, () => random.integer(256)));
}
