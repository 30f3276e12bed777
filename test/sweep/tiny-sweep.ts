import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const PRETRAIN = `
kind: pretrain
name: tiny
data: { folder: ../data, subsets: [unlabelled] }
window: { windowFrames: 32, patchFrames: 4 }
encoder: { type: transformer, width: 16, layers: 1, heads: 2, feedForward: 16 }
training: { duration: { steps: 30 }, batchWindows: 8, warmupSteps: 2, workers: 0 }
checkpoint: { everySteps: 5 }
probe: null
engine: { device: cpu, mode: graph, threads: 1 }
`;
const HEADS = `
kind: finetune
name: tiny-heads
run: any
data: { folder: ../data }
protocol: { type: calms21, tasks: [1] }
rows: [encoder]
shiftedLabels: []
head: { strengths: [0.1], foldCount: 2 }
bootstrap: { draws: 0 }
engine: { device: cpu, mode: graph, threads: 1 }
`;

/** Six encoders, twelve jobs: the two of a width share the encoder of a seed. */
export const TINY_SWEEP = {
  kind: 'sweep',
  name: 'tiny',
  pretrain: 'pretrain.yaml',
  heads: 'heads.yaml',
  variants: { wide: {}, narrow: { 'pretrain.encoder.width': 8 } },
  grid: { 'heads.head.strengths': [[0.1], [0.01]] },
  seeds: [1, 2, 3],
  runner: { type: 'local', slots: 2, gpus: [] },
  bootstrap: { draws: 100 },
};

/** Writes the files of a sweep into a folder of its own, beside the data set `data` in `root`; gives its path. */
export function prepareSweep(root: string, name: string, sweep: object): string {
  const folder = path.join(root, name);
  mkdirSync(folder);
  const files = { 'pretrain.yaml': PRETRAIN, 'heads.yaml': HEADS, 'sweep.yaml': JSON.stringify(sweep) };
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(folder, file), text);
  return folder;
}

/** The texts of the table that a sweep has written, in all four formats. */
export function tablesOf(folder: string): readonly string[] {
  return ['table.json', 'table.md', 'table.csv', 'table.tex'].map((name) =>
    readFileSync(path.join(folder, 'checkpoints/tiny', name), 'utf8'),
  );
}
