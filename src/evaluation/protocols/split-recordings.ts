import type { Dataset, RecordingEntry } from '../../data/store/dataset.js';
import { findOverlaps } from '../../data/store/find-overlaps.js';
import { UserError } from '../../errors.js';
import { balanceUnits, countClasses } from './folds.js';
import type { Split, Task } from './task.js';

/**
 * The splits of a task over a data set. Recordings without the task's track take no part.
 * @throws UserError (`data`) when a part is empty, there are fewer recordings than folds, or a recording's id has no number
 *   where one is needed.
 */
export function splitRecordings(dataset: Dataset, task: Task): Split[] {
  const { split } = task;
  if (split.by === 'subset') {
    const train = labelledRecordings(dataset, task.track, split.train);
    const test = labelledRecordings(dataset, task.track, split.test);
    return [checkSplit(task, { name: split.test, train, test })];
  }
  const all = labelledRecordings(dataset, task.track, split.subset);
  if (split.by === 'numbers') {
    const number = (recording: number) => numberOf(dataset.recordings[recording]);
    const train = all.filter((recording) => split.train.includes(number(recording)));
    if (train.length !== split.train.length) {
      throw new UserError(
        'data',
        `${task.name}: trains on the recordings ${split.train.join(', ')}, found ${train.length} of them`,
      );
    }
    const others = all.filter((recording) => !train.includes(recording));
    const name = `train ${split.train.join(', ')}`;
    const { folds } = split;
    if (folds === null) return [checkSplit(task, { name, train, test: others })];
    return Array.from({ length: folds }, (_, fold) =>
      checkSplit(task, {
        name: `${name}, score fold ${fold}`,
        train,
        test: others.filter((recording) => number(recording) % folds === fold),
      }),
    );
  }
  if (split.by === 'balanced-folds' && all.length < split.count) {
    throw new UserError(
      'data',
      `${task.name}: ${split.count} folds want as many recordings with the track ${task.track}, there are ${all.length}`,
      {
        hint:
          all.length < 2
            ? 'A cross-validation needs two labelled recordings at least'
            : `Lower protocol.folds to ${all.length}, or label more recordings`,
      },
    );
  }
  const foldOf =
    split.by === 'number-modulo'
      ? all.map((recording) => numberOf(dataset.recordings[recording]) % split.count)
      : balanceRecordings(dataset, task, all, split.count);
  return Array.from({ length: split.count }, (_, fold) =>
    checkSplit(task, {
      name: `fold ${fold}`,
      train: all.filter((_, index) => foldOf[index] !== fold),
      test: all.filter((_, index) => foldOf[index] === fold),
    }),
  );
}

/**
 * All labelled recordings of a cross-validated task, for heads that are to predict new ones; nothing is scored by it.
 * null where the task itself says what is trained on.
 */
export function wholeSplit(dataset: Dataset, { split, track }: Task): Split | null {
  if (split.by !== 'number-modulo' && split.by !== 'balanced-folds') return null;
  return { name: 'all', train: labelledRecordings(dataset, track, split.subset), test: [] };
}

/**
 * Refuses a split that shows the same animals at the same time on both sides: recordings with equal poses, and common
 * stretches of any recordings (searched for in whole subsets, so only where the split is by subset).
 * @throws UserError (`data`)
 */
export function refuseCommonPoses(dataset: Dataset, task: Task, splits: readonly Split[]): void {
  for (const { train, test } of splits) {
    const hashes = new Map(train.map((recording) => [dataset.recordings[recording].poseHash, recording]));
    for (const recording of test) {
      const twin = hashes.get(dataset.recordings[recording].poseHash);
      if (twin !== undefined) throw commonPoses(dataset, task, twin, recording, 'the same poses');
    }
  }
  if (task.split.by !== 'subset') return;
  const [overlap] = findOverlaps(dataset, task.split.train, dataset, task.split.test);
  if (overlap === undefined) return;
  const { a, b } = overlap;
  throw commonPoses(
    dataset,
    task,
    a.recording,
    b.recording,
    `${a.stop - a.start} frames in common (from frames ${a.start} and ${b.start} on)`,
  );
}

/** Recordings of a subset (null: all) in which the track was annotated. */
export function labelledRecordings(dataset: Dataset, track: string, subset: string | null): number[] {
  return [...dataset.recordings.keys()].filter((recording) => {
    const entry = dataset.recordings[recording];
    return entry.tracks.includes(track) && (subset === null || entry.subset === subset);
  });
}

/** Indices of the task's classes in the track's vocabulary. @throws UserError (`settings`) for unknown names. */
export function classIndices(dataset: Dataset, task: Pick<Task, 'name' | 'track' | 'classes'>): number[] {
  const track = dataset.header.tracks.find(({ name }) => name === task.track);
  if (track === undefined) {
    const known = dataset.header.tracks.map(({ name }) => name).join(', ');
    throw new UserError('settings', `${task.name}: ${dataset.header.name} has no track ${task.track}`, {
      hint: `It has ${known || 'none'}`,
    });
  }
  return task.classes.map((name) => {
    const index = track.vocabulary.indexOf(name);
    if (index < 0) {
      throw new UserError('settings', `${task.name}: track ${track.name} has no class ${name}`, {
        hint: `It has ${track.vocabulary.join(', ')}`,
      });
    }
    return index;
  });
}

/**
 * Labels of a whole recording, [frame], as indices into the task's classes; -1 for frames of other classes and unannotated ones.
 * @param indices [class of the task] its index in the vocabulary of the task's track
 */
export function readTaskLabels(
  dataset: Dataset,
  { track }: Pick<Task, 'track'>,
  indices: readonly number[],
  recording: number,
): Int16Array {
  const labels = dataset.readLabels(recording, track, 0, dataset.recordings[recording].frames);
  return labels.map((label) => indices.indexOf(label));
}

function balanceRecordings(
  dataset: Dataset,
  task: Task,
  recordings: readonly number[],
  count: number,
): Int32Array {
  const indices = classIndices(dataset, task);
  const counts = recordings.map((recording) =>
    countClasses(readTaskLabels(dataset, task, indices, recording), task.classes.length),
  );
  return balanceUnits(counts, count, task.classes.length);
}

/** The first number in a recording's id. */
function numberOf({ id }: RecordingEntry): number {
  const digits = /\d+/.exec(id)?.[0];
  if (digits === undefined) {
    throw new UserError('data', `the recording ${id} has no number in its id, which the split goes by`);
  }
  return Number(digits);
}

function checkSplit(task: Task, split: Split): Split {
  for (const part of ['train', 'test'] as const) {
    if (split[part].length > 0) continue;
    throw new UserError('data', `${task.name}: no recording to ${part} with (${split.name})`, {
      hint: `Check the subsets and which recordings carry the track ${task.track}`,
    });
  }
  return split;
}

function commonPoses(dataset: Dataset, task: Task, train: number, test: number, what: string): UserError {
  const [a, b] = [dataset.recordings[train].id, dataset.recordings[test].id];
  return new UserError('data', `${task.name}: ${a} (train) and ${b} (test) have ${what}`, {
    hint: 'A score on poses that were trained on says nothing: leave one of them out',
  });
}
