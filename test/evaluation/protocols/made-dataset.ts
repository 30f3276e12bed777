import type { DatasetHeader, Recording } from '../../../src/data/pose.js';
import type { Dataset } from '../../../src/data/store/dataset.js';
import { createMemoryDataset } from '../../../src/data/store/memory-dataset.js';
import type { FrameFeatures } from '../../../src/evaluation/features/frame-features.js';
import { createPlainProducts } from '../../../src/evaluation/heads/plain-products.js';
import type { HeadSettings } from '../../../src/evaluation/protocols/fit-task-head.js';
import type { Task } from '../../../src/evaluation/protocols/task.js';
import { seededRandom } from '../../../src/random.js';
import { wholeFeatures } from '../features/whole-features.js';

const header: DatasetHeader = {
  name: 'made',
  skeleton: { keypoints: ['nose'], edges: [], mirrorPairs: [], front: [0], back: [0] },
  animals: { names: ['one'], identity: 'ordered' },
  tracks: [
    { name: 'social', vocabulary: ['base', 'attack', 'sniff', 'rest'] },
    { name: 'groom', vocabulary: ['other', 'groom'] },
  ],
};

/** The task of three classes on such recordings. */
export const socialTask: Task = {
  name: 'social',
  group: 'social',
  track: 'social',
  kind: 'multiclass',
  classes: ['attack', 'sniff', 'rest'],
  scoredClasses: ['attack', 'sniff'],
  split: { by: 'subset', train: 'train', test: 'test' },
  fitting: 'free',
  anchor: null,
};

/** Recordings `video0` .. with bouts of 10 to 40 frames of three classes, ten unannotated frames at each end. */
export function makeDataset(count: number, frames = 400): Dataset {
  const recordings = Array.from({ length: count }, (_, index): Recording => {
    const random = seededRandom(1, 'recording', index);
    const social = new Int16Array(frames);
    const groom = new Int16Array(frames);
    for (let start = 0; start < frames; ) {
      const stop = start + 10 + random.integer(31);
      const label = [1, 2, 3, 3][random.integer(4)];
      social.fill(label, start, stop);
      groom.fill(Number(label === 1), start, stop);
      start = stop;
    }
    for (const labels of [social, groom]) {
      labels.fill(-1, 0, 10);
      labels.fill(-1, frames - 10);
    }
    social.fill(0, 10, 20);
    return {
      id: `video${index}`,
      subset: index % 2 === 0 ? 'train' : 'test',
      frames,
      framesPerSecond: 10,
      pose: Float32Array.from({ length: frames * 2 }, () => random.normal()),
      labels: new Map([
        ['social', social],
        ['groom', groom],
      ]),
    };
  });
  return createMemoryDataset(header, recordings);
}

/** Four channels: one for each class of `social` above the noise, and one of noise alone. */
export function tellingFeatures(dataset: Dataset, noise: number, name = 'telling'): FrameFeatures {
  return wholeFeatures({ name, width: 4 }, (recording) => {
    const { frames } = dataset.recordings[recording];
    const random = seededRandom(2, name, recording);
    const labels = dataset.readLabels(recording, 'social', 0, frames);
    return Float32Array.from(
      { length: frames * 4 },
      (_, index) => Number(labels[Math.floor(index / 4)] === 1 + (index % 4)) + noise * random.normal(),
    );
  });
}

export const headSettings: HeadSettings = {
  strengths: [1, 0.1, 0.01],
  strengthUnit: 'penalty',
  strengthRule: 'chosen',
  tiedStrengths: [1, 0.1, 0.01],
  chooseBy: 'map',
  fusion: 'chosen',
  foldCount: 3,
  foldUnit: 'auto',
  gapSeconds: 1,
  everyFrames: 1,
  clip: 5,
  classWeights: 'none',
  priorCorrection: false,
  relativeGap: 1e-8,
  memory: 10,
  maxIterations: 100,
  sampleFrames: 2000,
  smoothSeconds: [0],
  minimalBoutSeconds: [0],
};

export const plainProducts: import('../../../src/evaluation/heads/products.js').ProductsFactory = async (
  matrix,
  options,
) => createPlainProducts(matrix, options);
