import type { DatasetHeader } from '../data/pose.js';
import { type Inspection, inspectDataset } from '../data/store/inspect-dataset.js';
import { type InspectionWarning, WARNING_KINDS } from '../data/store/inspection-warnings.js';
import { openDataset } from '../data/store/open-dataset.js';
import { formatCount, formatNumber } from '../ui/format.js';
import { defineCommand } from './command.js';
import { pretrainCommands } from './next-command.js';
import { requireAmount } from './option-values.js';
import { formatColumns } from './output.js';
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
    all: { type: 'boolean', default: false, describe: 'print every warning; --json has all of them anyway' },
  },
  example: [
    '$0 data inspect checkpoints/quickstart-data/store',
    'what a data set holds and what looks wrong',
  ],
  async run({ folder, all, ...options }, context) {
    const { output, environment } = context;
    const limits = {
      jumpBodyLengths: requireAmount('jump-body-lengths', options['jump-body-lengths']),
      missingShare: requireAmount('missing-share', options['missing-share']),
    };
    const dataset = openDataset(folder);
    const { name } = dataset.header;
    const subsets = dataset.recordings.map(({ subset }) => subset);
    try {
      const inspection = await showProgress(
        { command: 'data inspect', name: folder, unit: 'frames' },
        context,
        ({ progress }) =>
          inspectDataset(dataset, limits, ({ id, framesDone, framesTotal }) =>
            progress({ subject: id, done: framesDone, total: framesTotal }),
          ),
      );
      output.result(inspection, () => describe(inspection, dataset.header, all));
    } finally {
      dataset.close();
    }
    output.next(...pretrainCommands({ folder, name, subsets, config: null, environment }));
  },
});

function describe(inspection: Inspection, header: DatasetHeader, all: boolean): string {
  const { name, subsets, tracks, warnings } = inspection;
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
  const bodies = describeBodies(inspection, header);
  const parts = [name, formatColumns(sizes), bodies, ...(labels.length > 1 ? [formatColumns(labels)] : [])];
  return [...parts, describeWarnings(warnings, all)].join('\n\n');
}

const TITLES: Readonly<Record<InspectionWarning['kind'], string>> = {
  swaps: 'identities that seem to be swapped',
  jumps: 'points that jump',
  missing: 'animals that are often missing',
  outside: 'points outside the picture',
  'no-positives': 'classes without a frame',
  'one-recording': 'classes in one recording only',
};

/** More of a kind are counted. */
const LINES_OF_A_KIND = 5;

/** By kind, the worst first. */
function describeWarnings(warnings: readonly InspectionWarning[], all: boolean): string {
  if (warnings.length === 0) return 'No warnings';
  const lines = WARNING_KINDS.flatMap((kind) => {
    const own = warnings.filter((warning) => warning.kind === kind);
    if (own.length === 0) return [];
    const shown = all ? own : own.toSorted((one, other) => other.count - one.count).slice(0, LINES_OF_A_KIND);
    const rest = own.length - shown.length;
    return [
      `  ${TITLES[kind]} (${own.length})`,
      ...shown.map(describeWarning),
      ...(rest > 0 ? [`    and ${rest} more (--all)`] : []),
    ];
  });
  return ['Warnings, the worst of each kind first; nothing was changed', ...lines].join('\n');
}

function describeWarning({ recording, frame, message }: InspectionWarning): string {
  const place = [recording ?? [], frame === undefined ? [] : `from frame ${frame}`].flat().join(', ');
  return place === '' ? `    ${message}` : `    ${place}: ${message}`;
}

/** What there is of missing points and of bodies, in a line each. */
function describeBodies({ recordings }: Inspection, { animals, skeleton, camera }: DatasetHeader): string {
  const points = animals.names.length * skeleton.keypoints.length;
  const sum = (of: (recording: Inspection['recordings'][number]) => number) =>
    recordings.reduce((total, recording) => total + of(recording), 0);
  const missing =
    sum(({ missing, frames }) => frames * missing.flat().reduce((total, share) => total + share, 0)) /
    sum(({ frames }) => frames * points);
  const longest = Math.max(...recordings.map(({ gaps }) => gaps.longestFrames));
  const lengths = recordings.map((recording) => recording.bodyLengthPixels).filter(Number.isFinite);
  const pixels = lengths.sort((one, other) => one - other)[lengths.length >> 1];
  const units = camera?.pixelsPerUnit
    ? ` (${formatNumber(pixels / camera.pixelsPerUnit)} ${camera.unit})`
    : '';
  return [
    `missing points  ${(100 * missing).toFixed(1)} %, ${formatCount(sum(({ gaps }) => gaps.count))} gaps, the longest ${formatCount(longest)} frames`,
    `body length     ${pixels === undefined ? 'unknown' : `${formatNumber(pixels)} pixels${units}`}, median of the recordings`,
  ].join('\n');
}
