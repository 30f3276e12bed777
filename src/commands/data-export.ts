import {
  type DatasetExportFormat,
  EXPORT_FORMATS,
  exportDataset,
  LABEL_ENDINGS,
  type LabelFormat,
} from '../data/export-dataset.js';
import { openDataset } from '../data/store/open-dataset.js';
import { UserError } from '../errors.js';
import { defineCommand } from './command.js';
import { quoteForShell } from './shell-words.js';
import { showProgress } from './show-progress.js';

export default defineCommand({
  positionals: {
    folder: {
      type: 'string',
      demandOption: true,
      describe: 'a data set that `whisker data import` has written',
    },
  },
  options: {
    format: {
      type: 'string',
      choices: EXPORT_FORMATS,
      demandOption: true,
      describe: "the .npy of CalMS21's own script, DeepLabCut csv and a csv of labels, or NumPy's .npz",
    },
    labels: {
      type: 'string',
      choices: Object.keys(LABEL_ENDINGS),
      describe: 'with --format csv: how the labels are written [default: frames-csv]',
    },
    out: { type: 'string', demandOption: true, describe: 'a new folder for the files' },
  },
  example: [
    '$0 data export checkpoints/quickstart-data/store --format npz --out checkpoints/quickstart-npz',
    'a file for NumPy for each recording',
  ],
  async run({ folder, format, labels, out }, context) {
    const { output } = context;
    if (labels !== undefined && format !== 'csv')
      throw new UserError('usage', `--labels goes with --format csv; ${format} holds the labels itself`);
    const dataset = openDataset(folder);
    try {
      const files = await showProgress(
        { command: 'data export', name: folder, unit: 'frames' },
        context,
        ({ progress }) =>
          exportDataset(dataset, out, {
            format: format as DatasetExportFormat,
            ...(labels !== undefined && { labels: labels as LabelFormat }),
            onProgress: ({ framesDone, framesTotal }) =>
              progress({ subject: out, done: framesDone, total: framesTotal }),
          }),
      );
      const recordings = dataset.recordings.length;
      output.result(
        { folder: out, recordings, files },
        `${out}: ${recordings} recordings, ${files.length} files`,
      );
      output.next(`whisker data inspect ${quoteForShell(folder)}`);
    } finally {
      dataset.close();
    }
  },
});
