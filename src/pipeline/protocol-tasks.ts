import type { DeepReadonly } from '../config/freeze.js';
import type { FinetuneSettings } from '../config/schema/finetune.js';
import type { TrackDeclaration } from '../data/pose.js';
import type { Dataset } from '../data/store/dataset.js';
import { UserError } from '../errors.js';
import { CALMS21_TASK1, CALMS21_TASK3, calms21Task2 } from '../evaluation/protocols/calms21.js';
import { ownBehaviour } from '../evaluation/protocols/own-behaviour.js';
import { RAT_FOLDS, ratDraws, ratFolds } from '../evaluation/protocols/rats.js';
import type { Task } from '../evaluation/protocols/task.js';

/** The tasks that settings ask for, anchors before those that start from them. @throws UserError for an unknown track */
export function tasksOf({ protocol }: DeepReadonly<FinetuneSettings>, dataset: Dataset): readonly Task[] {
  switch (protocol.type) {
    case 'calms21': {
      const has = (task: 1 | 2 | 3) => protocol.tasks.includes(task);
      // Task 2 starts from the head of task 1.
      return [
        ...(has(1) || has(2) ? [CALMS21_TASK1] : []),
        ...(has(2) ? [...calms21Task2('zero-shot'), ...calms21Task2('tied')] : []),
        ...(has(3) ? CALMS21_TASK3 : []),
      ];
    }
    case 'rats':
      return protocol.parts.flatMap((part) =>
        part === 'folds'
          ? [ratFolds(protocol.track)]
          : ratDraws(protocol.track, part === 'four-videos-by-fold' ? RAT_FOLDS : null),
      );
    case 'own': {
      const tracks = protocol.tracks.map((name) => findTrack(dataset, name));
      checkUnscored(tracks, protocol.unscored);
      return tracks.map((track) => ownBehaviour(track, protocol));
    }
  }
}

/** Refuses names that no track has, which would be scored all the same, and tracks of which nothing is left to score. */
function checkUnscored(tracks: readonly TrackDeclaration[], unscored: readonly string[]): void {
  const strange = unscored.find((name) => !tracks.some(({ vocabulary }) => vocabulary.includes(name)));
  if (strange !== undefined) {
    throw new UserError('settings', `protocol.unscored names ${strange}, which is a class of no track`, {
      hint: tracks.map(({ name, vocabulary }) => `${name} has ${vocabulary.join(', ')}`).join('; '),
    });
  }
  const empty = tracks.find(
    ({ vocabulary }) => vocabulary.length > 2 && vocabulary.every((name) => unscored.includes(name)),
  );
  if (empty !== undefined) {
    throw new UserError('settings', `protocol.unscored leaves no class of ${empty.name} to score`, {
      hint: `It has ${empty.vocabulary.join(', ')}`,
    });
  }
}

function findTrack({ folder, header }: Dataset, name: string): TrackDeclaration {
  const track = header.tracks.find((declared) => declared.name === name);
  if (track !== undefined) return track;
  throw new UserError('settings', `${folder} has no track ${name}`, {
    hint: `It has ${header.tracks.map((declared) => declared.name).join(', ') || 'none'}`,
  });
}
