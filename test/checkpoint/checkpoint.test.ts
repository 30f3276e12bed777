import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import {
  assertSameTensors,
  type Checkpoint,
  inspectCheckpoint,
  readCheckpoint,
  verifyCheckpoint,
  writeCheckpoint,
} from '../../src/checkpoint/checkpoint.js';
import { decodeHeader, encodeHeader, type TensorEntry } from '../../src/checkpoint/format.js';
import { seededRandom } from '../../src/random.js';
import { readCrafted, readDamaged } from './mutate-checkpoint.js';

const folder = mkdtempSync(join(tmpdir(), 'whisker-checkpoint-'));
afterAll(() => rmSync(folder, { recursive: true }));

const checkpoint: Checkpoint = {
  header: { kind: 'pretraining', step: 12, settings: { width: 4, name: 'a' }, progress: null },
  tensors: {
    'encoder/kernel': { shape: [2, 3], data: Float32Array.from([1, -0, 1e-40, 3.4e38, -2.5, 6]) },
    empty: { shape: [0, 4], data: new Float32Array(0) },
    count: { shape: [], data: Int32Array.of(-(2 ** 31)) },
  },
};
const good = join(folder, 'good.whisker');
writeCheckpoint(good, checkpoint);

describe('checkpoint file', () => {
  it('gives back every bit', () => {
    const read = readCheckpoint(good);
    expect(read).toEqual(checkpoint);
    expect(Object.is(read.tensors['encoder/kernel'].data[1], -0)).toBe(true);
    expect(Object.keys(read.tensors)).toEqual(Object.keys(checkpoint.tensors));
  });

  it('takes tensors that look at a part of a larger buffer', () => {
    const path = join(folder, 'part.whisker');
    const data = Float32Array.from([9, 9, 1, 2, 9]).subarray(2, 4);
    writeCheckpoint(path, { ...checkpoint, tensors: { x: { shape: [2], data } } });
    expect([...readCheckpoint(path).tensors.x.data]).toEqual([1, 2]);
  });

  it('tells what is inside without reading it', () => {
    const { tensors, checksum, ...header } = inspectCheckpoint(good);
    expect(header).toEqual({ ...checkpoint.header, version: 1 });
    const body = readFileSync(good).subarray(0, -32);
    expect(checksum).toBe(createHash('sha256').update(body).digest('hex'));
    expect(tensors.map(({ name, shape, dtype, offset }) => ({ name, shape, dtype, offset }))).toEqual([
      { name: 'encoder/kernel', shape: [2, 3], dtype: 'float32', offset: 0 },
      { name: 'empty', shape: [0, 4], dtype: 'float32', offset: 24 },
      { name: 'count', shape: [], dtype: 'int32', offset: 24 },
    ]);
  });

  it('refuses numbers that are not finite and keeps the old file', () => {
    const tensors = { x: { shape: [2], data: Float32Array.of(1, Number.NaN) } };
    expect(() => writeCheckpoint(good, { ...checkpoint, tensors })).toThrow(/x holds NaN at entry 1/);
    expect(readCheckpoint(good)).toEqual(checkpoint);
  });

  it('leaves nothing beside the file, also when writing fails', () => {
    expect(() => writeCheckpoint(join(folder, 'missing', 'x.whisker'), checkpoint)).toThrow(/ENOENT/);
    expect(readdirSync(folder).filter((file) => file.includes('partial'))).toEqual([]);
  });

  it('names the tensor that was damaged', () => {
    const bytes = readFileSync(good);
    bytes[bytes.length - 32 - 4 - 24] ^= 1; // the first byte of the first tensor
    const path = join(folder, 'damaged.whisker');
    writeFileSync(path, bytes);
    expect(() => readCheckpoint(path)).toThrow(/encoder\/kernel is not what was written/);
    expect(() => verifyCheckpoint(path)).toThrow(/encoder\/kernel is not what was written/);
    expect(inspectCheckpoint(path).step).toBe(12);
  });

  it('says that a file is missing, or no checkpoint at all', () => {
    expect(() => readCheckpoint(join(folder, 'nowhere'))).toThrow(/nowhere can not be read/);
    expect(() => readCheckpoint(folder)).toThrow(/is not a file|can not be read/);
    const path = join(folder, 'text');
    writeFileSync(path, 'hello');
    expect(() => readCheckpoint(path)).toThrow(/is not a checkpoint/);
  });
});

describe('a file whose checksums are right', () => {
  it('is not verified when a number is not finite', () => {
    const data = new Float32Array(300_000).fill(1);
    data[299_999] = Number.POSITIVE_INFINITY;
    const bytes = new Uint8Array(data.buffer);
    const entry = { name: 'x', shape: [data.length], dtype: 'float32', offset: 0 } as const;
    const tensors = [{ ...entry, bytes: bytes.length, crc32: crc32(bytes) }];
    const header = encodeHeader({ ...checkpoint.header, version: 1, tensors });
    const preamble = Buffer.from('WHISKER\0\0\0\0\0', 'latin1');
    preamble.writeUInt32LE(header.length, 8);
    const body = Buffer.concat([preamble, header, bytes]);
    const path = join(folder, 'infinite.whisker');
    writeFileSync(path, Buffer.concat([body, createHash('sha256').update(body).digest()]));
    expect(readCheckpoint(path).tensors.x.data).toEqual(data);
    expect(() => verifyCheckpoint(path)).toThrow(/x holds Infinity at entry 299999/);
  });
});

describe('a file of format version 1', () => {
  it('loads for ever', () => {
    const path = fileURLToPath(new URL('../fixtures/checkpoint-v1.whisker', import.meta.url));
    verifyCheckpoint(path);
    expect(readCheckpoint(path)).toEqual({
      header: {
        kind: 'pretraining',
        step: 400,
        settings: { encoder: { kind: 'transformer', width: 8 }, note: 'größer', rates: [0.001, null, true] },
        progress: { best: 0.25 },
      },
      tensors: {
        'encoder/input/kernel': { shape: [2, 3], data: Float32Array.from([0, 1, 2, 3, 4, 5], Math.sin) },
        'encoder/input/bias': { shape: [3], data: Float32Array.of(0, -1.5, 2 ** -120) },
        count: { shape: [], data: Int32Array.of(-7) },
      },
    });
  });
});

describe('500 damaged or crafted files', () => {
  const path = join(folder, 'mutated.whisker');

  it('are refused when their checksum is wrong', () => {
    expect(readDamaged(good, path, seededRandom(1, 'mutations'), 250)).toBeGreaterThan(200);
  });

  it('are refused, or consistent, when their checksum was made to fit', () => {
    const { refused, accepted } = readCrafted(good, path, seededRandom(2, 'mutations'), 250);
    expect(refused).toBeGreaterThan(100);
    expect(accepted).toBeGreaterThan(0);
  });
});

describe('a crafted table of tensors', () => {
  const entry = { name: 'x', shape: [1], dtype: 'float32', offset: 0, bytes: 4, crc32: 0 } as const;
  const decode = (tensors: readonly TensorEntry[], dataBytes: number) => () =>
    decodeHeader(
      'x.whisker',
      encodeHeader({ version: 1, kind: 'k', step: 0, settings: null, progress: null, tensors }),
      dataBytes,
    );

  it.each([
    ['overlaps', [entry, { ...entry, name: 'y' }], 8, /y does not follow/],
    ['leaves a gap', [{ ...entry, offset: 4 }], 8, /x does not follow/],
    ['names one twice', [entry, { ...entry, offset: 4 }], 8, /x is there twice/],
    ['claims more than there is', [{ ...entry, shape: [2], bytes: 8 }], 4, /take 8 bytes, but it holds 4/],
    ['claims another size', [{ ...entry, bytes: 8 }], 8, /x of shape \[1\] should have 4 bytes/],
    ['overflows', [{ ...entry, shape: [2 ** 40, 2 ** 40] }], 4, /x of shape/],
    ['has negative extents', [{ ...entry, shape: [-1] }], 4, /no valid shape/],
  ] as const)('is refused when it %s', (_, tensors, dataBytes, message) => {
    expect(decode(tensors, dataBytes)).toThrow(message);
  });

  it('is accepted when all fits', () => {
    expect(decode([entry, { ...entry, name: 'y', offset: 4 }], 8)().tensors).toHaveLength(2);
  });
});

describe('tensors that do not fit a model', () => {
  const expected = {
    a: { shape: [2, 3], data: new Float32Array(6) },
    b: { shape: [1], data: new Int32Array(1) },
  };
  const check = (given: Parameters<typeof assertSameTensors>[1]) => () =>
    assertSameTensors('x.whisker', given, expected, 'this model');

  it('are named with both shapes', () => {
    expect(check({ ...expected, a: { shape: [3, 2], data: new Float32Array(6) } })).toThrow(
      'x.whisker does not fit this model: a is float32 [3,2], expected float32 [2,3]',
    );
    expect(check({ ...expected, b: { shape: [1], data: new Float32Array(1) } })).toThrow(
      /b is float32 \[1\], expected int32/,
    );
    expect(check({ a: expected.a, c: expected.b })).toThrow(
      /b is missing, expected int32 \[1\] \(and 1 more/,
    );
    expect(check({ ...expected })).not.toThrow();
  });
});
