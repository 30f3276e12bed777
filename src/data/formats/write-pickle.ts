import { sizeOf } from '../../arrays.js';

/** What can be pickled. The entries of a dictionary may be made while it is written. */
export type Picklable = number | string | PicklableArray | Iterable<readonly [string, Picklable]>;

/** A NumPy array in C order. */
export interface PicklableArray {
  readonly shape: readonly number[];
  readonly data: Float64Array | BigInt64Array;
}

/**
 * The bytes of a `.npy` file with one pickled object (a dictionary), as `numpy.save(path, object)` writes: an array of no axes that
 * holds it. Read by `numpy.load(path, allow_pickle=True).item()` of any NumPy with Python 3 (pickle protocol 3).
 */
export function* formatPickledNpy(value: Picklable): Generator<Uint8Array, void> {
  const text = "{'descr': '|O', 'fortran_order': False, 'shape': (), }";
  yield latin1(`\x93NUMPY\x01\x00\x76\x00${text.padEnd(117)}\n`); // 128 bytes in all
  yield latin1(`\x80\x03${RECONSTRUCT}`);
  // state: (version, shape, dtype, is in Fortran order, [value])
  yield latin1(`(${int(1)})${dtype('O8', '|')}\x89]`);
  yield* pickle(value);
  yield latin1('atb.');
}

/** `numpy.core.multiarray._reconstruct(numpy.ndarray, (0,), b'b')`: an empty array, whose state follows. */
const RECONSTRUCT = `cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n${int(0)}\x85C\x01b\x87R`;

function* pickle(value: Picklable): Generator<Uint8Array, void> {
  if (typeof value === 'number') yield latin1(int(value));
  else if (typeof value === 'string') yield text(value);
  else if ('shape' in value) yield* pickleArray(value);
  else {
    yield latin1('}');
    for (const [key, item] of value) {
      yield text(key);
      yield* pickle(item);
      yield latin1('s');
    }
  }
}

/** State: (version, shape, dtype, is in Fortran order, bytes). */
function* pickleArray({ shape, data }: PicklableArray): Generator<Uint8Array, void> {
  if (sizeOf(shape) !== data.length)
    throw new RangeError(`an array of ${data.length} elements cannot have the shape (${shape.join(', ')})`);
  const code = data instanceof Float64Array ? 'f8' : 'i8';
  const header = `${RECONSTRUCT}(${int(1)}(${shape.map(int).join('')}t${dtype(code, '<')}\x89B`;
  const length = Buffer.alloc(4);
  length.writeUInt32LE(data.byteLength);
  yield Buffer.concat([latin1(header), length]);
  yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  yield latin1('tb');
}

/** `numpy.dtype(code, False, True)` with its state: version, byte order, and what only records and objects have. */
function dtype(code: string, order: string): string {
  const flags = code === 'O8' ? 63 : 0;
  const call = `cnumpy\ndtype\n${latin1Text(code)}\x89\x88\x87R`;
  return `${call}(${int(3)}${latin1Text(order)}NNN${int(-1)}${int(-1)}${int(flags)}tb`;
}

/** BININT: a 32-bit whole number. */
function int(value: number): string {
  const bytes = Buffer.alloc(5, 'J');
  bytes.writeInt32LE(value, 1);
  return bytes.toString('latin1');
}

function text(value: string): Uint8Array {
  const bytes = Buffer.from(value, 'utf8');
  const header = Buffer.alloc(5, 'X');
  header.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([header, bytes]);
}

/** The same for ASCII inside a longer piece. */
function latin1Text(value: string): string {
  return Buffer.from(text(value)).toString('latin1');
}

function latin1(value: string): Uint8Array {
  return Buffer.from(value, 'latin1');
}
