import { createHash, type Hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { type HostArray, type HostArrays, sizeOf } from '../arrays.js';
import { UserError } from '../errors.js';
import { writeWhole } from '../files/write-whole.js';
import {
  CHECKSUM_BYTES,
  type CheckpointHeader,
  damaged,
  decodeHeader,
  encodeHeader,
  type FileHeader,
  FORMAT_VERSION,
  isPlain,
  MAGIC,
  PREAMBLE_BYTES,
  readPreamble,
  type TensorEntry,
} from './format.js';

/** A model at rest. */
export interface Checkpoint {
  readonly header: CheckpointHeader;
  readonly tensors: HostArrays;
}

/**
 * Writes a checkpoint whole or not at all.
 * @throws UserError when a tensor holds a number that is not finite: such weights are worth nothing, and a good file
 *   must not be replaced by them
 */
export function writeCheckpoint(path: string, checkpoint: Checkpoint): void {
  const { header, tensors } = checkpoint;
  if (!isPlain(header.settings) || !isPlain(header.progress)) {
    throw new Error(`${path}: settings and progress of a checkpoint must be plain data`);
  }
  for (const [name, tensor] of Object.entries(tensors)) refuseNonFinite(path, name, tensor);
  const entries = tableOf(tensors);
  const headerBytes = encodeHeader({ ...header, version: FORMAT_VERSION, tensors: entries });
  const preamble = Buffer.alloc(PREAMBLE_BYTES);
  MAGIC.copy(preamble);
  preamble.writeUInt32LE(headerBytes.length, MAGIC.length);

  const chunks = [preamble, headerBytes, ...entries.map(({ name }) => bytesOf(tensors[name]))];
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  writeWhole(path, [...chunks, hash.digest()]);
}

/**
 * Reads and checks a whole checkpoint. Memory is bounded by the file's size, whatever it claims.
 * @throws UserError when it is missing, damaged, no checkpoint or of a newer version
 */
export function readCheckpoint(path: string): Checkpoint {
  return withFile(path, (file) => {
    const { header, hash } = readHeader(file);
    const tensors: Record<string, HostArray> = {};
    let position = file.dataStart;
    for (const entry of header.tensors) {
      const bytes = readExactly(file, position, entry.bytes);
      hash.update(bytes);
      if (crc32(bytes) !== entry.crc32) throw damaged(path, `${entry.name} is not what was written`);
      tensors[entry.name] = { shape: entry.shape, data: viewOf(bytes, entry) };
      position += entry.bytes;
    }
    checkSum(file, position, hash);
    const { kind, step, settings, progress } = header;
    return { header: { kind, step, settings, progress }, tensors };
  });
}

/** What stands in a file besides the numbers of its tensors. */
export interface CheckpointContents extends FileHeader {
  /** sha256 of all that comes before it, as the file says it, in hexadecimal. */
  readonly checksum: string;
}

/**
 * The header, the table of tensors and the checksum; numbers are not read.
 * @throws UserError as {@link readCheckpoint}, apart from damaged numbers
 */
export function inspectCheckpoint(path: string): CheckpointContents {
  return withFile(path, (file) => {
    const { header } = readHeader(file);
    const checksum = readExactly(file, file.bytes - CHECKSUM_BYTES, CHECKSUM_BYTES).toString('hex');
    return { ...header, checksum };
  });
}

/**
 * Reads every byte, compares every checksum, and looks at every number, in little memory.
 * @throws UserError as {@link readCheckpoint}, and when a number is not finite
 */
export function verifyCheckpoint(path: string): void {
  withFile(path, (file) => {
    const { header, hash } = readHeader(file);
    let position = file.dataStart;
    for (const entry of header.tensors) {
      let sum = 0;
      let broken: string | null = null;
      for (let left = entry.bytes; left > 0; ) {
        const bytes = readExactly(file, position, Math.min(left, 2 ** 20));
        hash.update(bytes);
        sum = crc32(bytes, sum);
        broken ??= findNonFinite(viewOf(bytes, entry), (entry.bytes - left) / 4);
        position += bytes.length;
        left -= bytes.length;
      }
      if (sum !== entry.crc32) throw damaged(path, `${entry.name} is not what was written`);
      if (broken !== null) {
        throw new UserError('data', `${path} is worth nothing: ${entry.name} holds ${broken}`, {
          hint: 'Whisker writes no such file; use another checkpoint',
        });
      }
    }
    checkSum(file, position, hash);
  });
}

/**
 * @param whose what the tensors are for, e.g. `the encoder of configs/calms21.yaml`
 * @throws UserError naming the first tensor that is missing, not expected, or of another shape or type, with both
 */
export function assertSameTensors(
  path: string,
  given: HostArrays,
  expected: HostArrays,
  whose: string,
): void {
  const describe = ({ shape, data }: HostArray) =>
    `${data instanceof Float32Array ? 'float32' : 'int32'} [${shape}]`;
  const differences = [
    ...Object.keys(expected).flatMap((name) => {
      const wanted = describe(expected[name]);
      if (!(name in given)) return [`${name} is missing, expected ${wanted}`];
      const got = describe(given[name]);
      return got === wanted ? [] : [`${name} is ${got}, expected ${wanted}`];
    }),
    ...Object.keys(given).flatMap((name) => (name in expected ? [] : [`${name} is not part of it`])),
  ];
  if (differences.length > 0) {
    const more = differences.length > 1 ? ` (and ${differences.length - 1} more differences)` : '';
    throw new UserError('data', `${path} does not fit ${whose}: ${differences[0]}${more}`, {
      hint: 'use the settings that it was made with; `whisker checkpoint inspect` shows them',
    });
  }
}

interface OpenFile {
  readonly path: string;
  readonly handle: number;
  readonly bytes: number;
  /** Where the tensors begin; known once the header is read. */
  dataStart: number;
}

function withFile<T>(path: string, use: (file: OpenFile) => T): T {
  let handle: number;
  try {
    handle = openSync(path, 'r');
  } catch (cause) {
    throw new UserError('data', `${path} can not be read: ${(cause as Error).message}`, { cause });
  }
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile()) throw new UserError('data', `${path} is not a file`);
    return use({ path, handle, bytes: stat.size, dataStart: 0 });
  } finally {
    closeSync(handle);
  }
}

function readHeader(file: OpenFile): { header: FileHeader; hash: Hash } {
  const preamble = readExactly(file, 0, Math.min(PREAMBLE_BYTES, file.bytes));
  const headerLength = readPreamble(file.path, preamble, file.bytes);
  const headerBytes = readExactly(file, PREAMBLE_BYTES, headerLength);
  file.dataStart = PREAMBLE_BYTES + headerLength;
  const header = decodeHeader(file.path, headerBytes, file.bytes - file.dataStart - CHECKSUM_BYTES);
  return { header, hash: createHash('sha256').update(preamble).update(headerBytes) };
}

/** Freshly allocated, so that a typed array may look at it. */
function readExactly(file: OpenFile, position: number, length: number): Buffer {
  const bytes = Buffer.from(new ArrayBuffer(length));
  for (let done = 0; done < length; ) {
    const got = readSync(file.handle, bytes, done, length - done, position + done);
    if (got === 0) throw damaged(file.path, `it ends at byte ${position + done}`);
    done += got;
  }
  return bytes;
}

function checkSum(file: OpenFile, position: number, hash: Hash): void {
  if (!hash.digest().equals(readExactly(file, position, CHECKSUM_BYTES))) {
    throw damaged(file.path, 'its checksum differs');
  }
}

function tableOf(tensors: HostArrays): readonly TensorEntry[] {
  let offset = 0;
  return Object.entries(tensors).map(([name, tensor]) => {
    const bytes = bytesOf(tensor);
    if (tensor.data.length !== sizeOf(tensor.shape)) {
      throw new Error(`${name} of shape [${tensor.shape}] holds ${tensor.data.length} numbers`);
    }
    const dtype: TensorEntry['dtype'] = tensor.data instanceof Float32Array ? 'float32' : 'int32';
    const entry = { name, shape: [...tensor.shape], dtype, offset, bytes: bytes.length, crc32: crc32(bytes) };
    offset += bytes.length;
    return entry;
  });
}

function bytesOf({ data }: HostArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function viewOf(bytes: Buffer, entry: TensorEntry): Float32Array | Int32Array {
  return entry.dtype === 'float32' ? new Float32Array(bytes.buffer) : new Int32Array(bytes.buffer);
}

function refuseNonFinite(path: string, name: string, { data }: HostArray): void {
  const broken = findNonFinite(data, 0);
  if (broken === null) return;
  throw new UserError('failure', `${path} is not written: ${name} holds ${broken}`, {
    hint: 'the training diverged before this step; the checkpoints before it are untouched',
  });
}

/** The first number that is not finite, and where; null where all are. @param start entries before these */
function findNonFinite(data: HostArray['data'], start: number): string | null {
  const index = data.findIndex((value) => !Number.isFinite(value));
  return index < 0 ? null : `${data[index]} at entry ${start + index}`;
}
