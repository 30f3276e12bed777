/**
 * Writes protocol buffers: the wire format is tags, varints, four-byte floats and length-prefixed bytes.
 * (https://protobuf.dev/programming-guides/encoding)
 */

/** One encoded field; a message is the concatenation of its fields. */
export type Field = Uint8Array;

const VARINT = 0;
const LENGTH_PREFIXED = 2;
const FIXED_32 = 5;
const encoder = new TextEncoder();

/** A signed or unsigned integer, an enum, or a bool; negative numbers take ten bytes, as int64 does. */
export function integerField(number: number, value: number | boolean): Field {
  return concatBytes([tag(number, VARINT), varint(value)]);
}

export function floatField(number: number, value: number): Field {
  return concatBytes([tag(number, FIXED_32), new Uint8Array(new Float32Array([value]).buffer)]);
}

export function bytesField(number: number, bytes: Uint8Array): Field {
  return concatBytes([tag(number, LENGTH_PREFIXED), varint(bytes.length), bytes]);
}

export function textField(number: number, text: string): Field {
  return bytesField(number, encoder.encode(text));
}

export function messageField(number: number, fields: readonly Field[]): Field {
  return bytesField(number, concatBytes(fields));
}

/** `repeated` integers in packed form. */
export function packedField(number: number, values: readonly number[]): Field {
  return messageField(
    number,
    values.map((value) => varint(value)),
  );
}

/** `map<string, Message>`: entries with the key as field 1 and the value as field 2. */
export function mapField(number: number, entries: Readonly<Record<string, readonly Field[]>>): Field[] {
  return Object.entries(entries).map(([key, value]) =>
    messageField(number, [textField(1, key), messageField(2, value)]),
  );
}

/** `map<string, string>` */
export function textMapField(number: number, entries: Readonly<Record<string, string>>): Field[] {
  return Object.entries(entries).map(([key, value]) =>
    messageField(number, [textField(1, key), textField(2, value)]),
  );
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function tag(number: number, wireType: number): Uint8Array {
  return varint((number << 3) | wireType);
}

function varint(value: number | boolean): Uint8Array {
  const number = Number(value);
  const bytes: number[] = [];
  // Negative numbers are their 64-bit complement; all others fit a double exactly.
  if (number < 0) {
    for (let rest = BigInt.asUintN(64, BigInt(number)); rest > 0n; rest >>= 7n)
      bytes.push(Number(rest & 0x7fn) | 0x80);
  } else {
    for (let rest = number; rest > 0 || bytes.length === 0; rest = Math.floor(rest / 128))
      bytes.push((rest % 128) | 0x80);
  }
  bytes[bytes.length - 1] = (bytes.at(-1) as number) & 0x7f;
  return Uint8Array.from(bytes);
}
