/** Deepest nesting of a header. */
const MAX_DEPTH = 32;

/**
 * Walks over one msgpack value without making anything of it, and refuses what a decoder would pay for before it
 * notices: containers that promise more entries than there are bytes, and endless nesting. Only what JSON can hold is
 * allowed (https://github.com/msgpack/msgpack/blob/master/spec.md).
 *
 * @throws Error saying what is wrong
 */
export function skimMessage(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let promised = 1;

  function take(length: number): void {
    at += length;
    if (at > bytes.length) throw new Error('ends within a value');
  }

  function number(width: 1 | 2 | 4): number {
    take(width);
    if (width === 1) return view.getUint8(at - 1);
    return width === 2 ? view.getUint16(at - 2) : view.getUint32(at - 4);
  }

  function container(values: number, depth: number): void {
    promised += values;
    if (promised > bytes.length) throw new Error('promises more values than it has bytes');
    if (depth === MAX_DEPTH) throw new Error(`is nested more than ${MAX_DEPTH} deep`);
    for (let value = 0; value < values; value++) skim(depth + 1);
  }

  function skim(depth: number): void {
    const type = number(1);
    if (type <= 0x7f || type >= 0xe0) return; // a small integer is its own type
    if (type === 0xc0 || type === 0xc2 || type === 0xc3) return; // null, false, true
    if (type <= 0x8f)
      container(2 * (type & 0x0f), depth); // small map
    else if (type <= 0x9f)
      container(type & 0x0f, depth); // small array
    else if (type <= 0xbf)
      take(type & 0x1f); // short text
    else if (type >= 0xca && type <= 0xd3)
      take([4, 8, 1, 2, 4, 8, 1, 2, 4, 8][type - 0xca]); // numbers
    else if (type >= 0xd9 && type <= 0xdb)
      take(number(([1, 2, 4] as const)[type - 0xd9])); // text
    else if (type === 0xdc || type === 0xdd)
      container(number(type === 0xdc ? 2 : 4), depth); // array
    else if (type === 0xde || type === 0xdf)
      container(2 * number(type === 0xde ? 2 : 4), depth); // map
    else throw new Error(`holds a value of the kind 0x${type.toString(16)}, which JSON does not know`);
  }

  skim(0);
  if (at !== bytes.length) throw new Error('goes on after its value');
}
