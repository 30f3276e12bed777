import { type Inspection, type InspectionWarning, inspectDataset } from '../data/store/inspect-dataset.js';
import { openDataset } from '../data/store/open-dataset.js';
import { defineCommand } from './command.js';
import { pretrainCommand } from './next-command.js';
import { formatColumns } from './output.js';

export default defineCommand({
  positionals: {
    folder: {
      type: 'string',
      demandOption: true,
      describe: 'a data set that `whisker data import` has written',
    },
  },
  options: {
    'jump-body-lengths': {
      type: 'number',
      default: 0.5,
      describe: 'a point that moves further than this in one frame is an outlier',
    },
    'missing-share': {
      type: 'number',
      default: 0.5,
      describe: 'warn about points that are missing in more than this share of the frames',
    },
  },
  example: [
    '$0 data inspect checkpoints/quickstart-data/store',
    'what a data set holds and what looks wrong',
  ],
  async run({ folder, ...options }, { output }) {
    const dataset = openDataset(folder);
    const { name } = dataset.header;
    const subsets = dataset.recordings.map(({ subset }) => subset);
    try {
      const inspection = inspectDataset(dataset, {
        jumpBodyLengths: options['jump-body-lengths'],
        missingShare: options['missing-share'],
      });
      output.result(inspection, () => describe(inspection));
    } finally {
      dataset.close();
    }
    output.next(pretrainCommand(folder, name, subsets));
  },
});

function describe({ name, subsets, tracks, warnings }: Inspection): string {
  const sizes = [
    ['subset', 'recordings', 'frames', 'minutes'],
    ...subsets.map((subset) => [
      subset.name,
      `${subset.recordings}`,
      `${subset.frames}`,
      (subset.seconds / 60).toFixed(1),
    ]),
  ];
  const labels = [
    ['track', 'subset', 'class', 'frames', 'recordings'],
    ...tracks.flatMap((track) =>
      track.subsets
        .filter(({ recordings }) => recordings > 0)
        .flatMap((subset) =>
          track.vocabulary.map((behaviour, index) => [
            track.name,
            subset.name,
            behaviour,
            `${subset.frames[index]}`,
            `${subset.recordingsWith[index]}`,
          ]),
        ),
    ),
  ];
  const parts = [name, formatColumns(sizes), ...(labels.length > 1 ? [formatColumns(labels)] : [])];
  return [...parts, describeWarnings(warnings)].join('\n\n');
}

/** More warnings than this are counted. */
const WARNING_LINES = 50;

function describeWarnings(warnings: readonly InspectionWarning[]): string {
  if (warnings.length === 0) return 'No warnings';
  const lines = warnings.slice(0, WARNING_LINES).map(({ recording, frame, message }) => {
    const place = [recording ?? [], frame === undefined ? [] : `from frame ${frame}`].flat().join(', ');
    return place === '' ? `  ${message}` : `  ${place}: ${message}`;
  });
  const rest = warnings.length - lines.length;
  if (rest > 0) lines.push(`  and ${rest} more (all with --json)`);
  return ['Warnings', ...lines].join('\n');
}
