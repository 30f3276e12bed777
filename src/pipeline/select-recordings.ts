import type { DeepReadonly } from '../config/freeze.js';
import type { PretrainSettings } from '../config/schema/pretrain.js';
import type { Dataset } from '../data/store/dataset.js';
import { UserError } from '../errors.js';

/** Which recordings: by subset (a trailing * stands for any ending), without those that are held out. */
export type RecordingChoice = DeepReadonly<Pick<PretrainSettings['data'], 'subsets' | 'holdOut'>>;

/**
 * Numbers of the chosen recordings, in the order of the data set.
 * @throws UserError (`settings`) for a subset or id that the data set doesn't have, or when none is left
 */
export function selectRecordings(dataset: Dataset, { subsets, holdOut }: RecordingChoice): number[] {
  const present = [...new Set(dataset.recordings.map((recording) => recording.subset))];
  const unknown =
    subsets?.filter((pattern) => !present.some((subset) => matchesSubset(pattern, subset))) ?? [];
  const ids = new Set(dataset.recordings.map((recording) => recording.id));
  const unknownIds = holdOut.recordings.filter((id) => !ids.has(id));
  if (unknown.length > 0 || unknownIds.length > 0) {
    throw new UserError(
      'settings',
      `${dataset.folder} has no ${[...unknown.map((name) => `subset ${name}`), ...unknownIds.map((id) => `recording ${id}`)].join(', no ')}`,
      { hint: `Its subsets are: ${present.join(', ')}` },
    );
  }
  const chosen = dataset.recordings.flatMap(({ id, subset }, number) =>
    (subsets?.some((pattern) => matchesSubset(pattern, subset)) ?? true) && !isHeldOut(id, holdOut)
      ? [number]
      : [],
  );
  if (chosen.length === 0) {
    throw new UserError('settings', `${dataset.folder}: no recording is left to learn from`, {
      hint: 'Choose more subsets, or hold out fewer recordings',
    });
  }
  return chosen;
}

/** Whether a pattern names a subset: `task1/train`, `task3/*`. */
function matchesSubset(pattern: string, subset: string): boolean {
  return pattern.endsWith('*') ? subset.startsWith(pattern.slice(0, -1)) : subset === pattern;
}

/** Whether a recording is held out by its id or by the first number in it. */
export function isHeldOut(id: string, { recordings, modulo }: RecordingChoice['holdOut']): boolean {
  if (recordings.includes(id)) return true;
  if (modulo === null) return false;
  const number = firstNumber(id);
  return number !== undefined && modulo.remainders.includes(number % modulo.divisor);
}

/** The first whole number in an id: 12 in `12DLC_rats`. */
function firstNumber(id: string): number | undefined {
  const digits = /\d+/.exec(id)?.[0];
  return digits === undefined ? undefined : Number(digits);
}
