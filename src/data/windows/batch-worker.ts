/** A worker thread that makes batches: it gets step numbers and answers with batches, whose memory it gives away. */
import { parentPort, workerData } from 'node:worker_threads';
import { toPlainError } from '../../errors.js';
import { openDataset } from '../store/open-dataset.js';
import { type BatchAnswer, type BatchJob, batchMakerOptions } from './batch-job.js';
import { type BatchMaker, createBatchMaker } from './make-batch.js';

const port = parentPort;
if (port === null) throw new Error('batch-worker runs in a worker thread only');

let maker: BatchMaker | undefined;

port.on('message', (step: number) => {
  try {
    maker ??= openMaker(workerData as BatchJob);
    const batch = maker.makeBatch(step);
    const buffers = Object.values(batch).map(({ data }) => data.buffer as ArrayBuffer);
    port.postMessage({ step, batch } satisfies BatchAnswer, buffers);
  } catch (error) {
    port.postMessage({ step, error: toPlainError(error) } satisfies BatchAnswer);
  }
});

function openMaker(job: BatchJob): BatchMaker {
  return createBatchMaker(batchMakerOptions(job, openDataset(job.datasetFolder)));
}
