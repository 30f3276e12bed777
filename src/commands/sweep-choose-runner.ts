import { loadKind } from '../config/kinds.js';
import { readPlan } from '../pipeline/sweep-folder.js';
import type { SweepRunChoice } from './sweep-runner.js';

interface RunnerValues {
  readonly on: string | undefined;
  readonly 'fail-fast': boolean;
  readonly 'force-unlock': boolean;
}

/** How a sweep that is there already goes on: as its file said, unless told otherwise. */
export function chooseRunner(folder: string, values: RunnerValues): SweepRunChoice {
  const { runner, failFast } = readPlan(folder).options;
  const isOther = values.on !== undefined && values.on !== runner.type;
  return {
    runner: isOther ? defaultRunner(values.on) : runner,
    failFast: failFast || values['fail-fast'],
    forceUnlock: values['force-unlock'],
  };
}

/** The runner of a type with the defaults of its settings. */
function defaultRunner(type: string): SweepRunChoice['runner'] {
  const overrides = ['kind=sweep', 'name=any', 'pretrain=any', `runner={type: ${type}}`];
  return loadKind('sweep', { file: null, overrides, environment: {} }).settings.runner;
}
