import { existsSync, statSync } from 'node:fs';
import { findCheckpoint, listSteps, stepPath } from '../checkpoint/run-folder.js';
import { UserError } from '../errors.js';

/** Arguments of `whisker checkpoint ...`. */
export const CHECKPOINT_POSITIONAL = {
  type: 'string',
  demandOption: true,
  describe: 'a checkpoint, or the folder of a run: its last one',
} as const;

/** The file that is meant. @throws UserError (`data`) where there is none */
export function checkpointFile(place: string): string {
  requirePlace(place);
  if (!statSync(place).isDirectory()) return place;
  const last = findCheckpoint(place, 'last');
  if (last !== null) return last;
  throw new UserError('data', `${place} holds no checkpoint`, {
    hint: 'Name the folder of a run, or a file',
  });
}

/** Every checkpoint of a run's folder, or the file that is named. @throws UserError (`data`) where there is none */
export function allCheckpointFiles(place: string): readonly string[] {
  requirePlace(place);
  if (!statSync(place).isDirectory()) return [place];
  const files = listSteps(place).map((step) => stepPath(place, step));
  return files.length > 0 ? files : [checkpointFile(place)];
}

function requirePlace(place: string): void {
  if (existsSync(place)) return;
  throw new UserError('data', `${place} is not there`, { hint: 'Name a checkpoint or the folder of a run' });
}
