import type { ByteScanner } from './byte-scanner.js';
import { NEED_MORE, type NeedMore } from './scan.js';

/** Names and small values are short; anything longer is a wrong file. */
const LONGEST_TOKEN_BYTES = 1 << 20;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Skips white space; the next byte, which is not consumed, or -1 at the end of the file. */
export function* peekByte(scanner: ByteScanner): Generator<NeedMore, number> {
  for (;;) {
    scanner.position = scanner.skipSpaces(scanner.position);
    if (scanner.position < scanner.end) return scanner.bytes[scanner.position];
    if (scanner.isEnded) return -1;
    yield NEED_MORE;
  }
}

/** Consumes exactly this character after white space. */
export function* expectCharacter(scanner: ByteScanner, character: string): Generator<NeedMore, void> {
  const byte = yield* peekByte(scanner);
  if (byte !== character.charCodeAt(0))
    scanner.fail(`expected ${JSON.stringify(character)}, got ${describe(byte)}`);
  scanner.position++;
}

/**
 * Visits the members of a JSON object: yields to `member` with each key, which has to consume the value. Keys that
 * repeat are an error.
 */
export function* readObject<Item>(
  scanner: ByteScanner,
  member: (key: string) => Generator<NeedMore | Item, void>,
): Generator<NeedMore | Item, void> {
  yield* expectCharacter(scanner, '{');
  const keys = new Set<string>();
  if ((yield* peekByte(scanner)) === 0x7d) {
    scanner.position++;
    return;
  }
  for (;;) {
    const key = yield* readString(scanner);
    if (keys.has(key)) scanner.fail(`the key ${JSON.stringify(key)} is there twice`);
    keys.add(key);
    yield* expectCharacter(scanner, ':');
    yield* member(key);
    const byte = yield* peekByte(scanner);
    if (byte !== 0x2c && byte !== 0x7d) scanner.fail(`expected "," or "}", got ${describe(byte)}`);
    scanner.position++;
    if (byte === 0x7d) return;
  }
}

/** A JSON string. */
export function* readString(scanner: ByteScanner): Generator<NeedMore, string> {
  const byte = yield* peekByte(scanner);
  if (byte !== QUOTE) scanner.fail(`expected a name in quotes, got ${describe(byte)}`);
  return (yield* readValue(scanner)) as string;
}

/** A small JSON value of any kind. */
export function* readValue(scanner: ByteScanner): Generator<NeedMore, unknown> {
  yield* peekByte(scanner);
  const offset = scanner.offset;
  const text = yield* readValueText(scanner);
  try {
    return JSON.parse(text);
  } catch (error) {
    return scanner.fail(`${(error as Error).message} (in the value that starts at byte ${offset})`);
  }
}

/** The text of one value: up to the end of its brackets, string or word. Not yet checked to be JSON. */
function* readValueText(scanner: ByteScanner): Generator<NeedMore, string> {
  let depth = 0;
  let isString = false;
  let length = 0;
  for (;;) {
    const { bytes, position, end } = scanner;
    for (; position + length < end; length++) {
      const byte = bytes[position + length];
      if (isString) {
        if (byte === BACKSLASH) {
          if (position + length + 1 >= end) break;
          length++;
        } else if (byte === QUOTE) {
          isString = false;
          if (depth === 0) return take(scanner, length + 1);
        }
      } else if (byte === QUOTE) {
        isString = true;
      } else if (byte === 0x7b || byte === 0x5b) {
        depth++;
      } else if (byte === 0x7d || byte === 0x5d) {
        if (depth === 0) return take(scanner, length);
        if (--depth === 0) return take(scanner, length + 1);
      } else if (depth === 0 && (byte === 0x2c || byte <= 0x20)) return take(scanner, length);
    }
    if (length > LONGEST_TOKEN_BYTES) scanner.fail(`the value is longer than ${LONGEST_TOKEN_BYTES} bytes`);
    if (scanner.isEnded) scanner.fail('the file ends inside a value');
    yield NEED_MORE;
  }
}

/** Skips one value of any kind and size without keeping it. */
export function* skipValue(scanner: ByteScanner): Generator<NeedMore, void> {
  const first = yield* peekByte(scanner);
  if (first !== 0x7b && first !== 0x5b) {
    yield* readValue(scanner);
    return;
  }
  let depth = 0;
  for (;;) {
    const { bytes, end } = scanner;
    let at = scanner.position;
    while (at < end && bytes[at] !== QUOTE) {
      const byte = bytes[at++];
      if (byte === 0x7b || byte === 0x5b) depth++;
      else if ((byte === 0x7d || byte === 0x5d) && --depth === 0) {
        scanner.position = at;
        return;
      }
    }
    scanner.position = at;
    if (at < end) yield* readString(scanner);
    else if (scanner.isEnded) scanner.fail('the file ends inside a value');
    else yield NEED_MORE;
  }
}

function take(scanner: ByteScanner, length: number): string {
  const text = scanner.text(scanner.position, scanner.position + length);
  scanner.position += length;
  return text;
}

function describe(byte: number): string {
  return byte < 0 ? 'the end of the file' : JSON.stringify(String.fromCharCode(byte));
}
