import { join } from 'node:path';
import { loadKind } from '../../src/config/kinds.js';
import { type PretrainSummary, runPretraining } from '../../src/pipeline/pretrain.js';
import { createContext } from './finetuned-run.js';

/** Pretrains a small encoder on `data` for a few steps, into the folder `name` below `folder`. */
export function writePretrainedRun(
  folder: string,
  data: string,
  name: string,
  overrides: readonly string[],
): Promise<PretrainSummary> {
  const loaded = loadKind('pretrain', {
    file: null,
    overrides: [
      'kind=pretrain',
      `name=${name}`,
      `data.folder="${data}"`,
      'window={windowFrames: 32, patchFrames: 4}',
      'encoder={type: transformer, width: 16, layers: 1, heads: 2, feedForward: 16}',
      'training.duration={steps: 5}',
      'training.batchWindows=8',
      'training.warmupSteps=2',
      'training.workers=0',
      'probe=null',
      'engine={device: cpu, mode: graph}',
      ...overrides,
    ],
    environment: {},
  });
  return runPretraining(
    {
      settings: loaded.settings,
      given: { text: '', overrides: loaded.overrides, complete: loaded.unexpanded },
      folder: join(folder, name),
      policy: { resume: false, overwrite: false, forceUnlock: false },
    },
    createContext(),
  );
}
