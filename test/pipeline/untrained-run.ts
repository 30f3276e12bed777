import { join } from 'node:path';
import { saveStep } from '../../src/checkpoint/run-folder.js';
import { loadKind } from '../../src/config/kinds.js';
import { MOUSE_SKELETON } from '../../src/data/pose.js';
import { buildModel, type Model } from '../../src/pipeline/model.js';
import { cardToPlain } from '../../src/pipeline/model-card.js';
import { seededRandom } from '../../src/random.js';

/** Writes the folder of a run whose encoder has learned nothing, and gives its model. */
export function writeUntrainedRun(folder: string, overrides: readonly string[] = []): Model {
  const { settings } = loadKind('pretrain', {
    file: null,
    overrides: [
      'kind=pretrain',
      'name=untrained',
      'data.folder=none',
      'window={windowFrames: 16, patchFrames: 2}',
      'encoder={type: transformer, width: 16, layers: 2, heads: 2, feedForward: 16}',
      'objectives=[{type: masked}]',
      'training.duration={steps: 1}',
      ...overrides,
    ],
    environment: {},
  });
  const { window, bodyLength, inputs, targets, kinematics, encoder } = settings;
  const modelSettings = { window, bodyLength, inputs, targets, kinematics, encoder };
  const animals = { names: ['resident', 'intruder'], identity: 'ordered' } as const;
  const model = buildModel(modelSettings, { name: 'none', skeleton: MOUSE_SKELETON, animals, tracks: [] });
  const nothing = { mean: [], std: [] };
  const card = {
    model: modelSettings,
    skeleton: MOUSE_SKELETON,
    animals,
    normalisation: { inputs: nothing, targets: nothing },
    dataset: { name: 'none', hash: '0' },
    recordings: [],
  };
  const header = { kind: 'pretraining', step: 7, settings: cardToPlain(card), progress: {} };
  const tensors = { ...model.encoder.init(seededRandom(1, 'parameters')) };
  saveStep(join(folder), { header, tensors }, false, { newest: 1, everySteps: null });
  return model;
}
