import type { LoadedSettings } from '../config/load-settings.js';
import type { GivenSettings } from '../pipeline/run-folder.js';

/** Options of every command that makes a run's folder. */
export const RUN_OPTIONS = {
  resume: {
    type: 'boolean',
    default: false,
    describe: 'go on with this run where it stopped (or start it), bit for bit: same folder, same settings',
  },
  overwrite: { type: 'boolean', default: false, describe: 'start anew and lose what the folder holds' },
  'force-unlock': {
    type: 'boolean',
    default: false,
    describe: 'take the folder over from a process that is gone for certain',
  },
} as const;

/** For commands that use an encoder. */
export const CHECKPOINT_OPTION = {
  type: 'string',
  choices: ['last', 'best'],
  default: 'last',
  describe: 'which checkpoint of the run; best: of a run with probe.monitor',
} as const;

/** What to lower where a pretraining runs out of memory. */
export const PRETRAIN_MEMORY_REMEDY = 'Lower training.batchWindows, window.windowFrames or encoder.width.';

/** Where the run of a name lies. */
export function runFolderOf(name: string): string {
  return `checkpoints/${name}`;
}

/** The settings as the run's folder keeps them. */
export function givenSettings(loaded: LoadedSettings<unknown>): GivenSettings {
  return {
    text: loaded.files.at(-1)?.text ?? '',
    overrides: loaded.overrides,
    complete: loaded.unexpanded,
  };
}
