/** A thread that reads HDF5 files: it gets jobs and answers with poses, whose memory it gives away. */
import { parentPort } from 'node:worker_threads';
import { toPlainError } from '../../errors.js';
import { readDeepLabCutH5 } from './deeplabcut-h5.js';
import { isBroken, readHdf5 } from './hdf5.js';
import type { Hdf5Answer, Hdf5Format, Hdf5Job } from './read-hdf5-poses.js';
import { readSleapH5 } from './sleap-h5.js';
import type { TrackedPoses } from './tracked-poses.js';

const TASKS: Readonly<Record<Hdf5Job['task'], (path: string) => Promise<TrackedPoses | Hdf5Format>>> = {
  'deeplabcut-h5': readDeepLabCutH5,
  'sleap-h5': readSleapH5,
  'find-format': findFormat,
};

const port = parentPort;
if (port === null) throw new Error('hdf5-thread runs in a worker thread only');

port.on('message', async ({ task, path }: Hdf5Job) => {
  try {
    const result = await TASKS[task](path);
    const arrays = typeof result === 'string' ? [] : [result.pose, ...(result.scores ? [result.scores] : [])];
    const buffers = arrays.map((array) => array.buffer as ArrayBuffer);
    port.postMessage({ result } satisfies Hdf5Answer, buffers);
  } catch (error) {
    if (isBroken(error)) throw error; // ends the thread
    port.postMessage({ error: toPlainError(error) } satisfies Hdf5Answer);
  }
});

async function findFormat(path: string): Promise<Hdf5Format> {
  const names = await readHdf5(path, 'file of poses', ({ root }) => root.keys());
  return names.includes('tracks') && names.includes('node_names') ? 'sleap-h5' : 'deeplabcut-h5';
}
