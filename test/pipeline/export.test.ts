import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sizeOf } from '../../src/arrays.js';
import { tfjsNodeFolder } from '../../src/engine/addon.js';
import { exportEncoder } from '../../src/pipeline/export.js';
import { loadEncoder } from '../../src/pipeline/load-encoder.js';
import { encodeSafetensors } from '../../src/pipeline/safetensors.js';
import { isNativeEngineMissing, startCpu } from '../engine/installed.js';
import { sines } from '../reference/sines.js';
import { writeUntrainedRun } from './untrained-run.js';

const folder = mkdtempSync(join(tmpdir(), 'export-'));
const runFolder = join(folder, 'run');
const model = writeUntrainedRun(runFolder);
const job = { runFolder, device: 'cpu', checkpoint: 'last' as const, batchWindows: 2 } as const;

describe('encodeSafetensors', () => {
  it('lays out length, header and bytes as the format says', () => {
    const tensors = {
      b: { shape: [2], data: Int32Array.of(7, -1) },
      a: { shape: [1, 3], data: new Float32Array([9, 1.5, 2, 3]).subarray(1) },
    };
    const bytes = Buffer.concat(encodeSafetensors(tensors, { note: 'grün' }));
    const length = Number(bytes.readBigUInt64LE(0));
    expect(length % 8).toBe(0);
    expect(JSON.parse(bytes.toString('utf8', 8, 8 + length))).toEqual({
      __metadata__: { note: 'grün' },
      a: { dtype: 'F32', shape: [1, 3], data_offsets: [0, 12] },
      b: { dtype: 'I32', shape: [2], data_offsets: [12, 20] },
    });
    const data = bytes.subarray(8 + length);
    expect(data.length).toBe(20);
    expect([0, 4, 8].map((at) => data.readFloatLE(at))).toEqual([1.5, 2, 3]);
    expect([12, 16].map((at) => data.readInt32LE(at))).toEqual([7, -1]);
  });
});

describe('exportEncoder', () => {
  it('writes the parameters and the model card as safetensors', async () => {
    const out = join(folder, 'new', 'encoder.safetensors');
    const { encoderHash } = await exportEncoder({ ...job, format: 'safetensors', out });
    const bytes = readFileSync(out);
    const length = Number(bytes.readBigUInt64LE(0));
    const { __metadata__: metadata, ...entries } = JSON.parse(bytes.toString('utf8', 8, 8 + length));
    const { parameters, card } = loadEncoder(runFolder, 'last');
    expect(Object.keys(entries)).toEqual(Object.keys(parameters).sort());
    expect(JSON.parse(metadata.card)).toEqual(card);
    expect(metadata).toMatchObject({ step: '7', encoderHash });
    const [from, to] = entries['encoder/input/kernel'].data_offsets;
    const { data } = parameters['encoder/input/kernel'];
    const raw = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    expect(bytes.subarray(8 + length + from, 8 + length + to).equals(raw)).toBe(true);
  });

  it('leaves alone what is there', async () => {
    const out = join(folder, 'mine');
    writeFileSync(out, 'mine');
    await expect(exportEncoder({ ...job, format: 'safetensors', out })).rejects.toThrow('is there already');
    expect(readFileSync(out, 'utf8')).toBe('mine');
  });

  it.skipIf(isNativeEngineMissing)('writes a SavedModel that gives the features of the encoder', async () => {
    const engine = await startCpu();
    const out = join(folder, 'saved-model');
    const { inputs } = await exportEncoder({ ...job, format: 'savedmodel', out });
    expect(Object.keys(inputs).sort()).toEqual(['position', 'tokens']);
    const shape: [number, number, number] = [2, 8, 2 * model.frontEnd.channels.length];
    const tokens = engine.tf.tensor3d(sines(sizeOf(shape)), shape);
    const numbers = Int32Array.from({ length: 16 }, (_, row) => row % 8);
    const position = engine.tf.tensor2d(numbers, [2, 8], 'int32');

    const { parameters } = loadEncoder(runFolder, 'last');
    const held = Object.fromEntries(
      Object.entries(parameters).map(([name, { shape, data }]) => [
        name,
        engine.tf.tensor(data as Float32Array, [...shape]),
      ]),
    );
    const expected = model.encoder.apply(held, tokens, position).at(-1)?.dataSync() as Float32Array;

    // tfjs-node's own loader reads the signature, so that nothing of ours takes part.
    const { node } = createRequire(join(tfjsNodeFolder(), 'package.json'))('@tensorflow/tfjs-node-gpu');
    const loaded = await node.loadSavedModel(out, ['serve'], 'serving_default');
    const { features } = loaded.predict({ tokens, position });
    expect(features.shape).toEqual([2, 8, 16]);
    const actual = features.dataSync();
    const largest = Math.max(...actual.map((value: number, at: number) => Math.abs(value - expected[at])));
    expect(largest).toBeLessThan(1e-5);
    expect(Math.max(...actual.map(Math.abs))).toBeGreaterThan(0.5);
  });
});
