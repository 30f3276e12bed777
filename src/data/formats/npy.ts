import { sizeOf } from '../../arrays.js';
import { UserError } from '../../errors.js';
import { readChunks } from './read-chunks.js';
import { openZip, packZip } from './zip-entries.js';

/** The element types that are read, by NumPy's code without its byte order. */
const ELEMENT_TYPES = {
  f4: Float32Array,
  f8: Float64Array,
  i1: Int8Array,
  i2: Int16Array,
  i4: Int32Array,
  i8: BigInt64Array,
  u1: Uint8Array,
  u2: Uint16Array,
  u4: Uint32Array,
  u8: BigUint64Array,
  b1: Uint8Array,
} as const;

type ElementCode = keyof typeof ELEMENT_TYPES;
export type NumpyData = InstanceType<(typeof ELEMENT_TYPES)[ElementCode]>;

/** An array in C order (the last axis is next to each other). */
export interface NumpyArray {
  readonly shape: readonly number[];
  readonly data: NumpyData;
}

/** The header of a `.npy` file: format 1.0 to 3.0 of NumPy's NEP 1. */
export interface NpyHeader {
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  readonly dataOffset: number;
}

/** Reads the header of a `.npy` file. `path` names it in errors. */
export function readNpyHeader(bytes: Uint8Array, path: string): NpyHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || Buffer.from(bytes.subarray(0, 6)).toString('latin1') !== '\x93NUMPY')
    throw new UserError('data', `${path} is not a .npy file`);
  const isLong = bytes[6] >= 2;
  const start = isLong ? 12 : 10;
  const length = isLong ? view.getUint32(8, true) : view.getUint16(8, true);
  if (bytes[6] < 1 || bytes[6] > 3 || start + length > bytes.length)
    throw new UserError('data', `${path} has a damaged .npy header`);
  const text = Buffer.from(bytes.subarray(start, start + length)).toString('latin1');
  const descr = /'descr':\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape':\s*\(([\d,\sL]*)\)/.exec(text)?.[1];
  if (descr === undefined || order === undefined || shape === undefined)
    throw new UserError('data', `${path}: arrays of this kind are not read (${text.trim().slice(0, 120)})`);
  const extents = shape.split(',').filter((extent) => extent.trim() !== '');
  return {
    descr,
    fortranOrder: order === 'True',
    shape: extents.map((extent) => Number.parseInt(extent, 10)),
    dataOffset: start + length,
  };
}

/** Reads the bytes of a `.npy` file of numbers. Throws a UserError for other kinds and for damaged files. */
export function parseNpy(bytes: Uint8Array, path: string): NumpyArray {
  const { descr, fortranOrder, shape, dataOffset } = readNpyHeader(bytes, path);
  return decodeArray(bytes.subarray(dataOffset), descr, shape, fortranOrder, path);
}

/** Decodes the raw elements of an array; also used for arrays inside pickles. */
export function decodeArray(
  bytes: Uint8Array,
  descr: string,
  shape: readonly number[],
  fortranOrder: boolean,
  path: string,
): NumpyArray {
  const code = descr.slice(1);
  if (!Object.hasOwn(ELEMENT_TYPES, code))
    throw new UserError(
      'data',
      `${path}: elements of type ${descr} are not read, only ${Object.keys(ELEMENT_TYPES).join(', ')}`,
    );
  const Type = ELEMENT_TYPES[code as ElementCode];
  const size = sizeOf(shape);
  if (bytes.length !== size * Type.BYTES_PER_ELEMENT)
    throw new UserError(
      'data',
      `${path}: shape (${shape.join(', ')}) of ${descr} needs ${size * Type.BYTES_PER_ELEMENT} bytes, got ${bytes.length}`,
    );
  const copy = new Uint8Array(bytes);
  if (descr[0] === '>') swapBytes(copy, Type.BYTES_PER_ELEMENT);
  const data = new Type(copy.buffer, 0, size);
  return { shape, data: fortranOrder && shape.length > 1 ? toRowOrder(data, shape) : data };
}

/** The numbers as float32. */
export function toFloat32({ data }: NumpyArray): Float32Array {
  if (data instanceof Float32Array) return data;
  return Float32Array.from(data as ArrayLike<number | bigint>, Number);
}

/**
 * The bytes of a `.npy` file: format 1.0 of NumPy's NEP 1, little-endian, C order, element type as that of `data`.
 */
export function formatNpy({ shape, data }: NumpyArray): Uint8Array {
  const code = (Object.keys(ELEMENT_TYPES) as ElementCode[]).find(
    (key) => data instanceof ELEMENT_TYPES[key],
  );
  if (code === undefined || sizeOf(shape) !== data.length)
    throw new RangeError(`an array of ${data.length} elements cannot have the shape (${shape.join(', ')})`);
  const descr = code.endsWith('1') ? `|${code}` : `<${code}`;
  const extents = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${extents}), }`;
  // magic, version, length and text together are a multiple of 64 bytes
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const header = Buffer.alloc(10 + length, ' ');
  header.write('\x93NUMPY\x01\x00', 'latin1');
  header.writeUInt16LE(length, 8);
  header.write(text, 10, 'latin1');
  header[header.length - 1] = 0x0a;
  return Buffer.concat([header, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]);
}

/** Reads a `.npy` file. */
export async function readNpy(path: string): Promise<NumpyArray> {
  return parseNpy(await collectNpy(readChunks(path), path), path);
}

/** Reads the arrays `names` of a `.npz` file; `undefined`: all of them. */
export async function readNpz(path: string, names?: readonly string[]): Promise<Map<string, NumpyArray>> {
  const entries = await readNpzEntries(path, names);
  return new Map([...entries].map(([name, bytes]) => [name, parseNpy(bytes, `${path}, ${name}`)] as const));
}

/**
 * The `.npy` files in a `.npz` file, by name without `.npy`: those of `names` that are there; `undefined`: all. Throws a
 * UserError where one of `required` is absent.
 */
export async function readNpzEntries(
  path: string,
  names?: readonly string[],
  required: readonly string[] = names ?? [],
): Promise<Map<string, Uint8Array>> {
  const archive = await openZip(path);
  try {
    const present = archive.entries.map(({ name }) => name.replace(/\.npy$/, ''));
    const absent = required.filter((name) => !present.includes(name));
    if (absent.length > 0)
      throw new UserError('data', `${path} has no array ${absent.join(', ')}; it has ${present.join(', ')}`);
    const arrays = new Map<string, Uint8Array>();
    for (const name of (names ?? present).filter((candidate) => present.includes(candidate)))
      arrays.set(name, await collectNpy(archive.read(`${name}.npy`), `${path}, ${name}`));
    return arrays;
  } finally {
    archive.close();
  }
}

/** The bytes of a `.npz` file (not compressed). */
export function formatNpz(arrays: ReadonlyMap<string, NumpyArray>): Uint8Array {
  return packZip([...arrays].map(([name, array]) => ({ name: `${name}.npy`, bytes: formatNpy(array) })));
}

/** A pickled object doesn't say its size beforehand. */
const LARGEST_OBJECT_BYTES = 2 ** 31;

/**
 * All bytes of a `.npy` file in one piece. Stops as soon as more arrive than its header announces, so that a small
 * archive can't fill the memory. `path` names it in errors.
 */
export async function collectNpy(chunks: AsyncIterable<Uint8Array>, path: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  let limit: number | undefined;
  for await (const chunk of chunks) {
    parts.push(chunk);
    size += chunk.length;
    if (limit === undefined && size >= LONGEST_HEADER_BYTES)
      limit = announcedBytes(Buffer.concat(parts), path);
    if (limit !== undefined && size > limit)
      throw new UserError('data', `${path} is longer than the ${limit} bytes that its header announces`);
  }
  return Buffer.concat(parts);
}

/** What NumPy itself reads at most. */
const LONGEST_HEADER_BYTES = 10_000;

function announcedBytes(start: Uint8Array, path: string): number {
  const { descr, shape, dataOffset } = readNpyHeader(start, path);
  const width = Number(/\d+$/.exec(descr)?.[0] ?? 0) * (descr.includes('U') ? 4 : 1);
  return descr === '|O' ? LARGEST_OBJECT_BYTES : dataOffset + width * sizeOf(shape);
}

function swapBytes(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}

/** From Fortran order (the first axis next to each other) to C order. */
function toRowOrder<Data extends NumpyData>(data: Data, shape: readonly number[]): Data {
  const turned = data.slice() as Data;
  const index = new Array<number>(shape.length).fill(0);
  const strides = shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
  for (let at = 0; at < data.length; at++) {
    turned[at] = data[index.reduce((sum, position, axis) => sum + position * strides[axis], 0)];
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
  return turned;
}
