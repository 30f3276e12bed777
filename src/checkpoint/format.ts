/**
 * The checkpoint file, version 1. Numbers are little-endian.
 *
 *   8 bytes   "WHISKER" and a zero byte
 *   4 bytes   length of the header, unsigned
 *   header    msgpack: the keys of `FileHeader`
 *   data      the tensors in the order of the table, without gaps
 *   32 bytes  sha256 of everything before
 *
 * A file of version 1 must load for ever; a change of the layout is a new version.
 */
import { decode, encode } from '@msgpack/msgpack';
import { UserError } from '../errors.js';
import { skimMessage } from './skim-message.js';

export const MAGIC = Buffer.from('WHISKER\0', 'latin1');
export const FORMAT_VERSION = 1;
/** Bytes before the header. */
export const PREAMBLE_BYTES = MAGIC.length + 4;
/** Bytes of the checksum at the end. */
export const CHECKSUM_BYTES = 32;

const MAX_HEADER_BYTES = 2 * 2 ** 20;
const MAX_RANK = 8;
/** Paths of parameters, e.g. `adam/first/encoder/block0/attention/qkv/kernel`. */
const TENSOR_NAME = /^[A-Za-z0-9][A-Za-z0-9/._-]{0,255}$/;

/** What JSON can hold. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

/** A row of the table of tensors. */
export interface TensorEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  /** Where it starts, from the first byte after the header. */
  readonly offset: number;
  readonly bytes: number;
  /** Of its bytes, so that damage has a name. */
  readonly crc32: number;
}

/** What a person wants to know of a checkpoint, apart from its numbers. */
export interface CheckpointHeader {
  /** What made it, e.g. `pretraining`. */
  readonly kind: string;
  /** Updates that were made. */
  readonly step: number;
  /** All that is needed to build the model again. */
  readonly settings: Plain;
  /** Where the run stands, apart from the tensors: best metric so far, and the like. */
  readonly progress: Plain;
}

/** The header as the file holds it: what it says of the run, and where each tensor lies. */
export interface FileHeader extends CheckpointHeader {
  readonly version: number;
  readonly tensors: readonly TensorEntry[];
}

const KEYS = ['kind', 'progress', 'settings', 'step', 'tensors', 'version'] as const;
const ENTRY_KEYS = ['bytes', 'crc32', 'dtype', 'name', 'offset', 'shape'] as const;

export function encodeHeader(header: FileHeader): Uint8Array {
  const wrong = header.tensors.find(({ name }) => !TENSOR_NAME.test(name));
  if (wrong !== undefined) throw new Error(`a tensor can not be named ${JSON.stringify(wrong.name)}`);
  const bytes = encode(header, { sortKeys: true });
  if (bytes.length > MAX_HEADER_BYTES) {
    throw new Error(`a checkpoint's header may have ${MAX_HEADER_BYTES} bytes, got ${bytes.length}`);
  }
  return bytes;
}

/**
 * The length of the header, from a file's first bytes.
 * @throws UserError when this is no checkpoint, or one that claims more than the file holds
 */
export function readPreamble(path: string, preamble: Buffer, fileBytes: number): number {
  if (preamble.length < PREAMBLE_BYTES || !preamble.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new UserError('data', `${path} is not a checkpoint: it does not start with the bytes of one`, {
      hint: 'name a .whisker file, or the run folder that holds it',
    });
  }
  const bytes = preamble.readUInt32LE(MAGIC.length);
  if (bytes > Math.min(MAX_HEADER_BYTES, fileBytes - PREAMBLE_BYTES - CHECKSUM_BYTES)) {
    throw damaged(path, `its header claims ${bytes} bytes of a file of ${fileBytes}`);
  }
  return bytes;
}

/**
 * The header from its bytes; only known keys, every extent within `dataBytes`.
 * @throws UserError when it is damaged or of a newer version
 */
export function decodeHeader(path: string, bytes: Uint8Array, dataBytes: number): FileHeader {
  const header = decodeMessage(path, bytes);
  if (!isRecord(header)) throw damaged(path, 'its header is not a map');
  const { version } = header;
  if (version !== FORMAT_VERSION) {
    throw new UserError(
      'data',
      `${path} has format version ${JSON.stringify(version)}, expected ${FORMAT_VERSION}`,
      {
        hint: 'it may come from a newer Whisker: update this one',
      },
    );
  }
  requireKeys(path, header, KEYS, 'its header');
  const { kind, step, settings, progress, tensors } = header;
  if (typeof kind !== 'string') throw damaged(path, 'kind is not a text');
  if (!isCount(step)) throw damaged(path, 'step is not a whole number');
  if (!isPlain(settings) || !isPlain(progress)) throw damaged(path, 'its settings are not plain data');
  if (!Array.isArray(tensors)) throw damaged(path, 'its table of tensors is not a list');
  return { version, kind, step, settings, progress, tensors: checkTable(path, tensors, dataBytes) };
}

function decodeMessage(path: string, bytes: Uint8Array): unknown {
  try {
    skimMessage(bytes);
    return decode(bytes);
  } catch (cause) {
    throw damaged(path, `its header can not be decoded (${(cause as Error).message})`, cause);
  }
}

/** Entries follow each other without gaps, so that all of them together are as large as the file says. */
function checkTable(path: string, tensors: readonly unknown[], dataBytes: number): readonly TensorEntry[] {
  const names = new Set<string>();
  let offset = 0;
  const entries = tensors.map((entry, number) => {
    const checked = checkEntry(path, entry, `tensor ${number}`);
    if (names.has(checked.name)) throw damaged(path, `${checked.name} is there twice`);
    if (checked.offset !== offset)
      throw damaged(path, `${checked.name} does not follow the tensor before it`);
    names.add(checked.name);
    offset += checked.bytes;
    return checked;
  });
  if (offset !== dataBytes)
    throw damaged(path, `its tensors take ${offset} bytes, but it holds ${dataBytes}`);
  return entries;
}

function checkEntry(path: string, entry: unknown, where: string): TensorEntry {
  if (!isRecord(entry)) throw damaged(path, `${where} is not a map`);
  requireKeys(path, entry, ENTRY_KEYS, where);
  const { name, shape, dtype, offset, bytes, crc32 } = entry;
  if (typeof name !== 'string' || !TENSOR_NAME.test(name)) throw damaged(path, `${where} has no valid name`);
  if (dtype !== 'float32' && dtype !== 'int32') throw damaged(path, `${name} is neither float32 nor int32`);
  if (!Array.isArray(shape) || shape.length > MAX_RANK || !shape.every(isCount)) {
    throw damaged(path, `${name} has no valid shape`);
  }
  const size = shape.reduce((product: number, extent: number) => product * extent, 1);
  if (!isCount(offset) || !isCount(bytes) || bytes !== 4 * size) {
    throw damaged(path, `${name} of shape [${shape}] should have ${4 * size} bytes`);
  }
  if (!isCount(crc32)) throw damaged(path, `${name} has no checksum`);
  return { name, shape, dtype, offset, bytes, crc32 };
}

function requireKeys(path: string, map: object, expected: readonly string[], where: string): void {
  const got = Object.keys(map).sort();
  if (got.length !== expected.length || got.some((key, number) => key !== expected[number])) {
    throw damaged(
      path,
      `${where} has the keys ${got.slice(0, 20).join(', ')}; expected ${expected.join(', ')}`,
    );
  }
}

/** The error for a file that once was good. */
export function damaged(path: string, what: string, cause?: unknown): UserError {
  return new UserError('data', `${path} is damaged: ${what}`, {
    hint: 'use another checkpoint of the run; `whisker checkpoint verify` tells which are good',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Whether JSON could hold it; numbers are finite. */
export function isPlain(value: unknown): value is Plain {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isPlain);
  return isRecord(value) && Object.values(value).every(isPlain);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
