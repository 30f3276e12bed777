import type { ApplyOptions } from '../pipeline/apply-heads.js';
import { loadFinetuneSettings } from '../pipeline/apply-heads-choose.js';
import type { CommandContext } from './command.js';
import { DEVICES, requireDevice } from './option-values.js';

/** Positionals and options of every command that puts stored heads to work. */
export const HEADS_POSITIONALS = {
  run: { type: 'string', demandOption: true, describe: 'the folder of a finetuning' },
  data: { type: 'string', demandOption: true, describe: 'a data set with the same keypoints and animals' },
} as const;

export const HEADS_OPTIONS = {
  task: { type: 'string', describe: 'which task of the run; needless where it has one' },
  features: { type: 'string', describe: 'which row of the run, e.g. "encoder & kinematics"; else its first' },
  seed: { type: 'number', describe: 'which seed of the run; else its first' },
  'all-folds': {
    type: 'boolean',
    default: false,
    describe: 'let heads predict recordings that they were fitted on',
  },
  device: { type: 'string', default: 'auto', describe: DEVICES },
} as const;

interface HeadsValues {
  readonly run: string;
  readonly task: string | undefined;
  readonly features: string | undefined;
  readonly seed: number | undefined;
  readonly 'all-folds': boolean;
  readonly device: string;
}

/** What the trainer gets from these options. */
export function applyOptions(values: HeadsValues, { environment }: CommandContext): ApplyOptions {
  return {
    runFolder: values.run,
    settings: loadFinetuneSettings(values.run, environment),
    choice: { task: values.task ?? null, features: values.features ?? null, seed: values.seed ?? null },
    allFolds: values['all-folds'],
    device: requireDevice(values.device),
  };
}
