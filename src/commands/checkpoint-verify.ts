import { verifyCheckpoint } from '../checkpoint/checkpoint.js';
import { UserError } from '../errors.js';
import { allCheckpointFiles, CHECKPOINT_POSITIONAL } from './checkpoint-file.js';
import { defineCommand } from './command.js';
import { quoteForShell } from './shell-words.js';

export default defineCommand({
  positionals: {
    checkpoint: { ...CHECKPOINT_POSITIONAL, describe: 'a checkpoint, or the folder of a run: all of them' },
  },
  options: {},
  example: [
    '$0 checkpoint verify checkpoints/quickstart',
    'read every byte of every checkpoint; 3 where one is damaged',
  ],
  async run({ checkpoint }, { output }) {
    const checked = allCheckpointFiles(checkpoint).map((file) => ({ file, problem: problemOf(file) }));
    output.result(checked, () =>
      checked.map(({ file, problem }) => `${problem === null ? 'good   ' : 'DAMAGED'}  ${file}`).join('\n'),
    );
    const damaged = checked.flatMap(({ problem }) => problem ?? []);
    if (damaged.length === 0) {
      output.next(`whisker checkpoint inspect ${quoteForShell(checkpoint)}`);
      return;
    }
    throw new UserError('data', damaged.join('\n'), {
      hint: 'Take a good one by its path, or resume the run from it: put its name into the file `last`',
    });
  },
});

function problemOf(file: string): string | null {
  try {
    verifyCheckpoint(file);
    return null;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
