import { UNANNOTATED } from '../data/pose.js';
import type { Dataset } from '../data/store/dataset.js';
import { UserError } from '../errors.js';
import { labelledRecordings } from '../evaluation/protocols/split-recordings.js';
import type { Task } from '../evaluation/protocols/task.js';

/** Which labels of a data set are scored against: plain data. */
export interface LabelChoice {
  /** null: the task's own. */
  readonly track: string | null;
  /** Classes of the track to classes of the task, where their names differ. */
  readonly rename: Readonly<Record<string, string>>;
  /** Recordings of this subset; null: all. */
  readonly subset: string | null;
}

/** The labels of a data set in the classes of a task. */
export interface TaskLabels {
  readonly track: string;
  /** Recordings that carry the track. */
  readonly recordings: readonly number[];
  /** [frame] indices into the task's classes; -1: not scored. */
  read(recording: number): Int16Array;
  /** How many frames of these recordings carry classes that the task doesn't know: they are not scored. */
  countUnknown(recordings: readonly number[]): Readonly<Record<string, number>>;
}

/** @throws UserError (`usage`) for tracks, classes and subsets that aren't there, naming those that are */
export function openTaskLabels(dataset: Dataset, task: Task, choice: LabelChoice): TaskLabels {
  const { tracks } = dataset.header;
  const name = choice.track ?? task.track;
  const track = tracks.find((declared) => declared.name === name);
  if (track === undefined) {
    throw new UserError('usage', `${dataset.folder} has no track ${name}`, {
      hint: `Name one with --track: it has ${tracks.map((declared) => declared.name).join(', ') || 'none'}`,
    });
  }
  const { vocabulary } = track;
  checkNames('from', Object.keys(choice.rename), vocabulary, `track ${name}`);
  checkNames('to', Object.values(choice.rename), task.classes, `the task ${task.name}`);
  const targets = vocabulary.map((own) =>
    task.classes.indexOf(Object.hasOwn(choice.rename, own) ? choice.rename[own] : own),
  );
  if (targets.every((target) => target < 0)) {
    throw new UserError(
      'usage',
      `track ${name} and the task ${task.name} have no class in common: ${vocabulary.join(', ')}; ${task.classes.join(', ')}`,
      { hint: `Tell which is which, e.g. --map "${vocabulary[0]}=${task.classes[0]}"` },
    );
  }
  const recordings = labelledRecordings(dataset, name, choice.subset);
  if (recordings.length === 0) throw noRecordings(dataset, name, choice.subset);
  const readOwn = (recording: number) =>
    dataset.readLabels(recording, name, 0, dataset.recordings[recording].frames);
  return {
    track: name,
    recordings,
    read: (recording) => readOwn(recording).map((label) => (label === UNANNOTATED ? -1 : targets[label])),
    countUnknown(scored) {
      const counts = new Float64Array(vocabulary.length);
      for (const recording of scored)
        for (const label of readOwn(recording)) if (label !== UNANNOTATED) counts[label]++;
      const found = vocabulary.map((own, label) => [own, counts[label]] as const);
      return Object.fromEntries(found.filter(([, frames], label) => targets[label] < 0 && frames > 0));
    },
  };
}

function checkNames(side: string, names: readonly string[], known: readonly string[], owner: string): void {
  const missing = names.find((name) => !known.includes(name));
  if (missing === undefined) return;
  throw new UserError('usage', `--map: ${owner} has no class ${missing} to map ${side}`, {
    hint: `It has ${known.join(', ')}`,
  });
}

function noRecordings(dataset: Dataset, track: string, subset: string | null): UserError {
  const carrying = labelledRecordings(dataset, track, null).map(
    (recording) => dataset.recordings[recording].subset,
  );
  const where = subset === null ? '' : ` of subset ${subset}`;
  return new UserError('usage', `${dataset.folder}: no recording${where} carries the track ${track}`, {
    hint: `Subsets that carry it: ${[...new Set(carrying)].join(', ') || 'none'}`,
  });
}
