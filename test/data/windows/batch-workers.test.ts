import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/data/store/dataset.js';
import { openDataset } from '../../../src/data/store/open-dataset.js';
import { writeDataset } from '../../../src/data/store/write-dataset.js';
import type { Batch } from '../../../src/data/windows/batch.js';
import type { BatchJob } from '../../../src/data/windows/batch-job.js';
import { type BatchSource, makeBatchesHere } from '../../../src/data/windows/batch-workers.js';
import { createBatchMaker } from '../../../src/data/windows/make-batch.js';
import { importBuilt } from '../../commands/dist.js';
import { PAIR, walkingRecording } from '../walking-animals.js';
import { batchOptions, FRONT_END } from '../window-options.js';

let folder: string;
let dataset: Dataset;
let job: BatchJob;
let start: typeof import('../../../src/data/windows/batch-workers.js').startBatchWorkers;
const sources: BatchSource[] = [];
const BATCH_WORKERS = 'data/windows/batch-workers.js';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'whisker-batches-'));
  const recordings = [1, 2].map((seed) => ({
    ...walkingRecording(seed, { frames: 200, missing: 0.1 }),
    source: { file: `walk${seed}`, sha256: '0'.repeat(64) },
  }));
  await writeDataset(join(folder, 'set'), { header: PAIR, recordings }, { overwrite: false });
  dataset = openDataset(join(folder, 'set'));
  const { dataset: _, frontEnd: __, ...options } = batchOptions(dataset);
  job = { ...options, datasetFolder: dataset.folder, frontEnd: FRONT_END };
  start = (await importBuilt<typeof import('../../../src/data/windows/batch-workers.js')>(BATCH_WORKERS))
    .startBatchWorkers;
});

afterAll(async () => {
  await Promise.all(sources.map((source) => source.close()));
  dataset.close();
  rmSync(folder, { recursive: true, force: true });
});

function workers(
  changes: { job?: BatchJob; workerCount?: number; aheadSteps?: number; stopStep?: number } = {},
) {
  const source = start({ job, workerCount: 1, aheadSteps: 3, stopStep: 100, ...changes });
  sources.push(source);
  return source;
}

async function collect(source: BatchSource, steps: readonly number[]): Promise<Batch[]> {
  const batches: Batch[] = [];
  for (const step of steps) batches.push(await source.next(step));
  return batches;
}

describe('startBatchWorkers', () => {
  it('gives the same bits as the calling thread, whatever the number of threads', async () => {
    const steps = [0, 1, 2, 3, 7, 8, 5];
    const expected = await collect(makeBatchesHere(createBatchMaker(batchOptions(dataset))), steps);
    for (const workerCount of [1, 3]) {
      const batches = await collect(workers({ workerCount }), steps);
      batches.forEach((batch, index) => {
        expect(Object.keys(batch)).toEqual(Object.keys(expected[index]));
        for (const [name, { shape, data }] of Object.entries(batch)) {
          expect(shape).toEqual(expected[index][name].shape);
          expect(bytes(data).equals(bytes(expected[index][name].data))).toBe(true);
        }
      });
    }
  });

  it('prepares nothing beyond the last step, but gives it when asked', async () => {
    const source = workers({ stopStep: 2 });
    await source.next(1);
    expect((await source.next(2)).tokens.data.length).toBeGreaterThan(0);
  });

  it('counts how long it was waited for', async () => {
    const source = workers();
    await source.next(0);
    const first = source.waitingSeconds();
    expect(first).toBeGreaterThan(0);
    await source.next(1);
    expect(source.waitingSeconds()).toBeGreaterThanOrEqual(first);
  });

  it("rejects with the worker's own error, hint and kind", async () => {
    const odd = { ...job, batchSize: 5, needs: { ...job.needs, neighbourSeconds: 1 } };
    await expect(workers({ job: odd }).next(0)).rejects.toMatchObject({
      name: 'UserError',
      kind: 'settings',
      message: expect.stringMatching(/2 equal parts: windows, half their neighbours/),
      hint: 'Make batchSize a multiple of 2.',
    });
    const gone = { ...job, datasetFolder: join(folder, 'gone') };
    await expect(workers({ job: gone }).next(0)).rejects.toThrow(/gone/);
  });

  it('rejects what is still waited for when it is closed', async () => {
    const source = workers();
    const waiting = source.next(0);
    const rejected = expect(waiting).rejects.toThrow(/closed/);
    await source.close();
    await rejected;
    await expect(source.next(1)).rejects.toThrow(/closed/);
    await source.close();
  });
});

function bytes(data: Float32Array | Int32Array): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
