import { loadKind } from '../config/kinds.js';
import { asImportOptions } from '../config/schema/import.js';
import { type ImportProgress, importDataset } from '../data/import-dataset.js';
import { openDataset } from '../data/store/open-dataset.js';
import { formatCount } from '../ui/format.js';
import { defineCommand, SETTINGS_POSITIONAL } from './command.js';
import { pretrainCommands } from './next-command.js';
import { formatColumns } from './output.js';
import { quoteForShell } from './shell-words.js';
import { type ProgressTeller, showProgress } from './show-progress.js';

export default defineCommand({
  positionals: {
    config: { type: 'string', demandOption: true, describe: 'settings of kind import' },
    settings: SETTINGS_POSITIONAL,
  },
  options: {
    overwrite: {
      type: 'boolean',
      default: false,
      describe: 'replace the data set in the same place, also a different one',
    },
  },
  example: ['$0 data import configs/quickstart-import.yaml', 'read all files that the settings name'],
  async run({ config, settings: overrides, overwrite }, context) {
    const { output, environment } = context;
    const { settings } = loadKind('import', { file: config, overrides, environment });
    const { status, notes } = await showProgress(
      { command: 'data import', name: settings.name, unit: 'bytes' },
      context,
      (tell) =>
        importDataset(asImportOptions(settings), settings.out, {
          baseFolder: process.cwd(),
          overwrite,
          onProgress: tellProgress(tell),
        }),
    );
    for (const note of notes) output.message(note);
    if (status === 'present') output.message(`${settings.out} already holds this data set`);
    const dataset = openDataset(settings.out);
    const subsets = countSubsets(dataset.recordings);
    dataset.close();
    output.result({ folder: settings.out, status, subsets }, () =>
      formatColumns([
        ['subset', 'recordings', 'frames'],
        ...subsets.map(({ subset, recordings, frames }) => [subset, `${recordings}`, `${frames}`]),
      ]),
    );
    output.next(
      `whisker data inspect ${quoteForShell(settings.out)}`,
      ...pretrainCommands({
        folder: settings.out,
        name: settings.source.name,
        subsets: subsets.map(({ subset }) => subset),
        ...{ config, environment },
      }),
    );
  },
});

function countSubsets(recordings: readonly { readonly subset: string; readonly frames: number }[]) {
  const counts = new Map<string, { recordings: number; frames: number }>();
  for (const { subset, frames } of recordings) {
    const count = counts.get(subset) ?? { recordings: 0, frames: 0 };
    counts.set(subset, { recordings: count.recordings + 1, frames: count.frames + frames });
  }
  return [...counts].map(([subset, count]) => ({ subset, ...count }));
}

function tellProgress({ progress: tell }: ProgressTeller): (progress: ImportProgress) => void {
  return ({ phase, file, bytesRead, bytesTotal, frames }) =>
    tell({
      subject: file,
      done: bytesRead,
      total: bytesTotal,
      note: phase === 'check' ? 'checksum' : `${formatCount(frames)} frames`,
    });
}
