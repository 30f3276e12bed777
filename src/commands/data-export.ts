import { type DatasetExportFormat, EXPORT_FORMATS, exportDataset } from '../data/export-dataset.js';
import { openDataset } from '../data/store/open-dataset.js';
import { formatCount, formatDuration } from '../ui/format.js';
import { defineCommand } from './command.js';
import type { Output } from './output.js';

const LINE_MS = 2000;

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
    out: { type: 'string', demandOption: true, describe: 'a new folder for the files' },
  },
  example: [
    '$0 data export checkpoints/quickstart-data/store --format npz --out checkpoints/quickstart-npz',
    'a file for NumPy for each recording',
  ],
  async run({ folder, format, out }, { output }) {
    const dataset = openDataset(folder);
    try {
      const files = await exportDataset(dataset, out, {
        format: format as DatasetExportFormat,
        onProgress: tellProgress(output),
      });
      const recordings = dataset.recordings.length;
      output.result(
        { folder: out, recordings, files },
        `${out}: ${recordings} recordings, ${files.length} files`,
      );
    } finally {
      dataset.close();
    }
  },
});

function tellProgress(output: Output): (progress: { framesDone: number; framesTotal: number }) => void {
  const start = performance.now();
  let told = start;
  return ({ framesDone, framesTotal }) => {
    const now = performance.now();
    if (now - told < LINE_MS) return;
    told = now;
    const rate = framesDone / ((now - start) / 1000);
    const left = formatDuration((framesTotal - framesDone) / rate);
    const share = Math.floor((100 * framesDone) / framesTotal);
    output.message(
      `${share} % of ${formatCount(framesTotal)} frames, ${formatCount(rate)} frames/s, ${left} left`,
    );
  };
}
