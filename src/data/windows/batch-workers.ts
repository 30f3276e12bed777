import { Worker } from 'node:worker_threads';
import { fromPlainError } from '../../errors.js';
import type { Batch } from './batch.js';
import type { BatchAnswer, BatchJob } from './batch-job.js';
import type { BatchMaker } from './make-batch.js';

export interface BatchWorkersOptions {
  readonly job: BatchJob;
  /** At least 1. */
  readonly workerCount: number;
  /** How many batches are prepared beyond the one that is asked for. */
  readonly aheadSteps: number;
  /** No batch is prepared from this step on, unless it is asked for. */
  readonly stopStep: number;
}

/** Where a training loop gets its batches from. What is in a batch follows from its step, never from its source. */
export interface BatchSource {
  /**
   * The batch of a step; the following ones are begun. Steps that lie before it are forgotten. Its arrays belong to
   * the caller. Rejects with the worker's own error.
   */
  next(step: number): Promise<Batch>;
  /** Seconds for which `next` has waited in all. */
  waitingSeconds(): number;
  /** Ends the threads; a batch that somebody still waits for is rejected. Calling it twice is allowed. */
  close(): Promise<void>;
}

/** A batch that is being made. */
interface Order {
  readonly batch: Promise<Batch>;
  resolve(batch: Batch): void;
  reject(error: Error): void;
}

/** Makes every batch when it is asked for, in the calling thread: all of that time is waiting. */
export function makeBatchesHere(maker: BatchMaker): BatchSource {
  let waitedMs = 0;
  return {
    async next(step) {
      const began = performance.now();
      const batch = maker.makeBatch(step);
      waitedMs += performance.now() - began;
      return batch;
    },
    waitingSeconds: () => waitedMs / 1000,
    async close() {},
  };
}

/**
 * Starts threads that prepare batches ahead, from the compiled module beside this one; each opens the data set by
 * its folder.
 */
export function startBatchWorkers(options: BatchWorkersOptions): BatchSource {
  const orders = new Map<number, Order>();
  const busy = new Array<number>(options.workerCount).fill(0);
  let failure: Error | undefined;
  let waitedMs = 0;
  const fail = (error: Error): void => {
    failure ??= error;
    for (const order of orders.values()) order.reject(failure);
  };
  const workers = busy.map((_, index) => {
    // A program that is itself called with `--input-type` can start threads only without it.
    const worker = new Worker(new URL('./batch-worker.js', import.meta.url), {
      workerData: options.job,
      execArgv: [],
    });
    worker.on('message', (answer: BatchAnswer) => {
      busy[index]--;
      const order = orders.get(answer.step);
      if ('batch' in answer) order?.resolve(answer.batch);
      else order?.reject(fromPlainError(answer.error));
    });
    worker.on('error', fail);
    worker.on('exit', (code) => fail(new Error(`A batch worker ended with code ${code}.`)));
    return worker;
  });
  const place = (step: number): Order => {
    const known = orders.get(step);
    if (known !== undefined) return known;
    const worker = busy.indexOf(Math.min(...busy));
    const order = createOrder();
    orders.set(step, order);
    if (failure !== undefined) order.reject(failure);
    else {
      busy[worker]++;
      workers[worker].postMessage(step);
    }
    return order;
  };
  return {
    async next(step) {
      for (const known of orders.keys()) if (known < step) orders.delete(known);
      const { batch } = place(step);
      const stop = Math.min(options.stopStep, step + 1 + options.aheadSteps);
      for (let ahead = step + 1; ahead < stop; ahead++) place(ahead);
      const began = performance.now();
      try {
        return await batch;
      } finally {
        waitedMs += performance.now() - began;
        orders.delete(step);
      }
    },
    waitingSeconds: () => waitedMs / 1000,
    async close() {
      fail(new Error('The batch workers were closed.'));
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function createOrder(): Order {
  let resolve: Order['resolve'] = () => {};
  let reject: Order['reject'] = () => {};
  const batch = new Promise<Batch>((onBatch, onError) => {
    resolve = onBatch;
    reject = onError;
  });
  batch.catch(() => {}); // whoever asks for it hears of it; a batch that nobody asks for must not end the process
  return { batch, resolve, reject };
}
