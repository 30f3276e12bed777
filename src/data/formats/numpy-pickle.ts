import { UserError } from '../../errors.js';
import { decodeArray, type NumpyArray, readNpyHeader } from './npy.js';
import { PickleCall, parsePickle } from './pickle.js';

/** What a pickled value becomes: Maps, arrays, plain values, and NumPy arrays of numbers. */
export type PickledValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | NumpyArray
  | readonly PickledValue[]
  | ReadonlyMap<PickledValue, PickledValue>;

/**
 * Reads a `.npy` file that holds a pickled object (`numpy.save` of a dictionary, as the official CalMS21 script
 * writes). Executes nothing: the few calls that NumPy's own arrays need are understood, every other is refused.
 */
export function parsePickledNpy(bytes: Uint8Array, path: string): PickledValue {
  const header = readNpyHeader(bytes, path);
  if (header.descr !== '|O')
    throw new UserError('data', `${path} holds numbers (${header.descr}), expected a pickled object`);
  const done = { results: new Map(), depth: 0 };
  const value = understand(parsePickle(bytes.subarray(header.dataOffset), path), path, done);
  // a single object is saved as an array of no axes
  return header.shape.length === 0 && Array.isArray(value) && value.length === 1 ? value[0] : value;
}

const NUMPY = /^numpy(\._?core)?(\.multiarray|\.numeric)?$/;

/** Results by the object of the pickle, which may be referred to many times; undefined while one is made. */
interface Understood {
  readonly results: Map<object, PickledValue | undefined>;
  /** How many of them are being made. */
  depth: number;
}

/** Dictionaries of dictionaries of arrays are 5 deep; what is deeper than this would exhaust the stack. */
const DEEPEST = 100;

function understand(value: unknown, path: string, done: Understood): PickledValue {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array)
    return value as PickledValue;
  if (done.results.has(value)) {
    const earlier = done.results.get(value);
    if (earlier === undefined) throw new UserError('data', `${path}: the pickled object contains itself`);
    return earlier;
  }
  if (done.depth === DEEPEST)
    throw new UserError('data', `${path}: the pickled object is nested more than ${DEEPEST} deep`);
  done.results.set(value, undefined);
  done.depth++;
  const result = understandObject(value, path, done);
  done.depth--;
  done.results.set(value, result);
  return result;
}

function understandObject(value: object, path: string, done: Understood): PickledValue {
  if (value instanceof Map)
    return new Map(
      [...value].map(([key, item]) => [understand(key, path, done), understand(item, path, done)] as const),
    );
  if (Array.isArray(value)) return value.map((item) => understand(item, path, done));
  if (value instanceof PickleCall) return understandCall(value, path, done);
  throw refuse(value, path);
}

function understandCall(call: PickleCall, path: string, done: Understood): PickledValue {
  const { module, name } = call.target;
  const bytes = readEncoded(call);
  if (bytes) return bytes;
  if (!NUMPY.test(module)) throw refuse(call.target, path);
  if (name === '_reconstruct') return understandArray(call, path, done);
  if (name === '_frombuffer') {
    const [content, dtype, shape, order] = call.arguments;
    return decode(content, dtype, shape, order === 'F', path);
  }
  if (name === 'scalar') {
    const [dtype, content] = call.arguments;
    return Number(decode(content, dtype, [], false, path).data[0]);
  }
  throw refuse(call.target, path);
}

/** `_codecs.encode(text, 'latin1')`: how old protocols write bytes. */
function readEncoded({ target, arguments: [text, encoding] }: PickleCall): Uint8Array | undefined {
  const isBytes = target.module === '_codecs' && target.name === 'encode' && encoding === 'latin1';
  return isBytes && typeof text === 'string' ? Buffer.from(text, 'latin1') : undefined;
}

/** `numpy.ndarray.__setstate__`: (version, shape, dtype, is in Fortran order, bytes or list of objects). */
function understandArray(call: PickleCall, path: string, done: Understood): PickledValue {
  if (!Array.isArray(call.state) || call.state.length !== 5)
    throw new UserError('data', `${path}: an array of the pickle is incomplete`);
  const [, shape, dtype, isFortran, content] = call.state;
  if (Array.isArray(content)) return understand(content, path, done);
  return decode(content, dtype, shape, isFortran === true, path);
}

function decode(
  content: unknown,
  dtype: unknown,
  shape: unknown,
  isFortran: boolean,
  path: string,
): NumpyArray {
  const bytes = content instanceof PickleCall ? readEncoded(content) : content;
  const extents = Array.isArray(shape) ? shape : [shape];
  if (
    !(bytes instanceof Uint8Array) ||
    !extents.every((extent) => Number.isSafeInteger(extent) && extent >= 0)
  )
    throw new UserError('data', `${path}: an array of the pickle is damaged`);
  return decodeArray(bytes, readDtype(dtype, path), extents as number[], isFortran, path);
}

/** `numpy.dtype('f8', ...)` with the state (version, byte order, ...). */
function readDtype(dtype: unknown, path: string): string {
  if (!(dtype instanceof PickleCall) || dtype.target.name !== 'dtype' || !NUMPY.test(dtype.target.module))
    throw new UserError('data', `${path}: an array of the pickle has no type`);
  const order = Array.isArray(dtype.state) ? dtype.state[1] : '<';
  const [code] = dtype.arguments;
  return `${order === '>' ? '>' : '<'}${typeof code === 'string' ? code : ''}`;
}

function refuse(target: unknown, path: string): UserError {
  const { module, name } = target as { module?: string; name?: string };
  return new UserError('data', `${path}: the pickle asks for ${module}.${name}, which is not run`, {
    hint: 'Only dictionaries of plain values and NumPy arrays of numbers are read.',
  });
}
