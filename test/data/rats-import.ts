import type { PoseImportSettings } from '../../src/data/import-settings.js';

/** Of the rat videos: multi-animal DeepLabCut csv, and the social stream of the Caltech annotator's files. */
export const RATS_IMPORT: PoseImportSettings = {
  format: 'deeplabcut-csv',
  name: 'rats',
  files: ['pose/*.csv*'],
  recordingId: '^(\\d+)DLC',
  subsets: [{ name: 'all', match: '' }],
  skeleton: {
    keypoints: ['top', 'body', 'tail', 'tail-m', 'tail-e'],
    rename: {},
    edges: [
      ['top', 'body'],
      ['body', 'tail'],
    ],
    mirrorPairs: [],
    front: ['top'],
    back: ['tail'],
  },
  animals: { names: ['individual1', 'individual2'], rename: {}, identity: 'exchangeable' },
  framesPerSecond: 30,
  camera: null,
  minimalScore: 0,
  fillGapFrames: 0,
  annotations: [
    {
      format: 'caltech',
      files: ['annotations/*.txt'],
      recordingId: '^(\\d+)_annot',
      beyondEnd: 'cut',
      tracks: [
        {
          name: 'S1',
          stream: 'S1',
          vocabulary: ['base', 'aggression', 'social', 'nonsocial'],
          rename: {},
          ignore: [],
          background: null,
        },
      ],
    },
  ],
};
