import { z } from 'zod';
import type { ImportSettings as ImportOptions } from '../../data/import-settings.js';
import type { DeepReadonly } from '../freeze.js';
import { folderName, place, positive, share } from './fields.js';
import { withImportRules } from './import-rules.js';

const keypoint = () => z.string().min(1);
const pair = () => z.tuple([keypoint(), keypoint()]);
const pattern = () => z.string().min(1);
const column = (name: string) => z.string().min(1).default(name);
const renames = () => z.record(z.string(), z.string().min(1)).default({});

const files = (what: string) =>
  z.array(z.string().min(1)).min(1).describe(`${what}: paths, folders or globs (*, **, ?)`);

const recordingId = () =>
  pattern()
    .nullable()
    .default(null)
    .describe('A regular expression whose first group is the id; null: the file name up to its first dot');

const skeleton = () =>
  z
    .strictObject({
      keypoints: z.array(keypoint()).min(1).describe('Keypoints to keep, in this order'),
      rename: renames().describe("The files' names to ours, where they differ"),
      edges: z.array(pair()).default([]).describe('Lines between keypoints, for pictures'),
      mirrorPairs: z.array(pair()).default([]).describe('Pairs (left, right) that a mirror exchanges'),
      front: z.array(keypoint()).min(1).describe('The heading points to the mean of these'),
      back: z.array(keypoint()).min(1).describe('The heading points away from the mean of these'),
    })
    .describe('The body');

const animals = () =>
  z
    .strictObject({
      names: z.array(z.string().min(1)).min(1).describe('Animals to keep, in this order'),
      rename: renames().describe("The files' names to ours; a single-animal file calls its animal `animal`"),
      identity: z
        .enum(['ordered', 'exchangeable'])
        .describe('ordered: they have roles; exchangeable: their identities are unreliable'),
    })
    .describe('Who is tracked');

const camera = () =>
  z
    .strictObject({
      frameSize: z
        .tuple([positive(), positive()])
        .nullable()
        .default(null)
        .describe('Width and height in pixels; null: unknown'),
      pixelsPerUnit: positive().nullable().default(null).describe('Pixels of one unit; null: unknown'),
      unit: z.string().min(1).default('cm').describe('The unit of length'),
    })
    .nullable()
    .default(null)
    .describe('The picture, for `data inspect` and exports; null: unknown');

const track = () =>
  z.strictObject({
    name: z.string().min(1).describe("The track's name"),
    vocabulary: z.array(z.string().min(1)).min(2).describe('Class names in the order of their labels'),
    stream: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('S1, a channel or a subject of the files; null: all together'),
    rename: renames().describe("The files' names of behaviours to classes, where they differ"),
    ignore: z.array(z.string().min(1)).default([]).describe('Behaviours of the files that are left out'),
    background: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('The class of frames that no bout covers; null: they are unannotated'),
  });

/** What every format of annotations is told: the same schemas, so that lists of settings tell them once. */
const annotationFields = {
  files: files('Annotation files'),
  recordingId: recordingId(),
  beyondEnd: z
    .enum(['refuse', 'cut'])
    .default('refuse')
    .describe('Bouts behind the last frame: an error, or cut off and told'),
  tracks: z.array(track()).min(1).describe('Label tracks made from the files'),
};

const firstFrame = z.literal([0, 1]).default(0).describe('The number of the first frame');

const annotation = () =>
  z.discriminatedUnion('format', [
    z
      .strictObject({ format: z.literal('caltech'), ...annotationFields })
      .describe('Caltech Behavior Annotator'),
    z.strictObject({ format: z.literal('bento'), ...annotationFields }).describe('Bento'),
    z
      .strictObject({
        format: z.literal('boris'),
        ...annotationFields,
        timeOffsetSeconds: z
          .union([z.number(), z.literal('file')])
          .default('file')
          .describe('Subtracted from every time; file: the offset that the file tells'),
      })
      .describe('BORIS, tabular or aggregated events'),
    z
      .strictObject({
        format: z.literal('bouts-csv'),
        ...annotationFields,
        columns: z
          .strictObject({
            start: column('start').describe('The column of the start'),
            stop: column('stop').describe('The column of the stop'),
            behaviour: column('behaviour').describe('The column of the behaviour'),
            stream: column('track')
              .nullable()
              .describe('The column that names the stream; null: all lines are one stream'),
          })
          .prefault({})
          .describe('Which column is which'),
        unit: z.enum(['frames', 'seconds']).default('frames').describe('Of start and stop'),
        firstFrame,
        stopIs: z
          .enum(['inclusive', 'exclusive'])
          .default('exclusive')
          .describe('The stop is the last frame of a bout, or the one behind it'),
        where: z
          .record(z.string(), z.string())
          .default({})
          .describe('Only lines that have these cells, by column'),
      })
      .describe('A table with one bout a line'),
    z
      .strictObject({
        format: z.literal('frames-csv'),
        ...annotationFields,
        frameColumn: z
          .string()
          .min(1)
          .nullable()
          .default('frame')
          .describe("The column with the frame's number; null: the lines are the frames"),
        firstFrame,
      })
      .describe('A table with one frame a line, one column a stream'),
  ]);

/** What every format of poses is told. */
const poseFields = {
  name: z.string().min(1).describe("The data set's name"),
  files: files('One file of poses a recording'),
  recordingId: recordingId(),
  subsets: z
    .array(
      z.strictObject({
        name: z.string().min(1).describe("The subset's name"),
        match: pattern().describe('A regular expression on the id'),
      }),
    )
    .default([{ name: 'all', match: '.*' }])
    .describe('Which subset a recording belongs to: the first rule that fits'),
  skeleton: skeleton(),
  animals: animals(),
  framesPerSecond: z
    .union([
      positive(),
      z
        .array(
          z.strictObject({
            match: z.string().describe('A regular expression on the id'),
            value: positive().describe('Frames per second of such recordings'),
          }),
        )
        .min(1),
    ])
    .describe('Frames per second of the videos: one number, or the first rule that fits the id'),
  camera: camera(),
  minimalScore: share().default(0).describe('Points with a lower score are missing'),
  fillGapFrames: z
    .int()
    .nonnegative()
    .default(0)
    .describe('Gaps of at most so many frames are filled along a straight line; 0: they stay missing'),
  annotations: z
    .array(annotation())
    .default([])
    .describe('Annotation files; one belongs to the recording with the same id'),
};

const calms21 = () =>
  z
    .strictObject({
      format: z.literal('calms21').describe('CalMS21 as published, or simulated in its layout'),
      name: z.string().min(1).default('CalMS21').describe("The data set's name"),
      files: files('JSON files, published archives (.zip), or folders that hold them'),
      contents: z
        .array(
          z.strictObject({
            match: pattern().describe('A regular expression on the file name'),
            task: z.literal([1, 2, 3, 'unlabelled']).describe('What such a file holds'),
            split: z.enum(['train', 'test']).default('train').describe('Ignored for unlabelled videos'),
          }),
        )
        .default([])
        .describe('What files hold whose names do not say it'),
    })
    .describe('CalMS21');

const numpy = () =>
  z
    .strictObject({
      format: z.literal('numpy').describe('NumPy arrays, .npy or .npz'),
      ...poseFields,
      arrays: z
        .strictObject({
          pose: z.string().min(1).default('keypoints').describe('The array of coordinates'),
          scores: z
            .string()
            .min(1)
            .nullable()
            .default(null)
            .describe('The array of scores; null: there is none'),
        })
        .prefault({})
        .describe('Names of the arrays in a .npz; a .npy holds the coordinates only'),
      axes: z
        .array(z.enum(['frame', 'animal', 'space', 'keypoint']))
        .min(3)
        .max(4)
        .describe('The axes of the coordinates in their order; scores have the same without space'),
      animalNames: z.array(z.string().min(1)).min(1).describe('The animals along their axis'),
      keypointNames: z.array(keypoint()).min(1).describe('The keypoints along their axis'),
    })
    .describe('NumPy');

const source = () =>
  z
    .discriminatedUnion('format', [
      calms21(),
      z
        .strictObject({
          format: z.literal('deeplabcut-csv').describe('DeepLabCut csv, single- or multi-animal, also .gz'),
          ...poseFields,
        })
        .describe('DeepLabCut csv; points at exactly (0, 0) are missing'),
      z
        .strictObject({
          format: z.literal('deeplabcut-h5').describe('DeepLabCut HDF5; needs the package h5wasm'),
          ...poseFields,
        })
        .describe('DeepLabCut HDF5, with the package h5wasm; points at exactly (0, 0) are missing'),
      z
        .strictObject({
          format: z.literal('sleap-h5').describe('SLEAP analysis HDF5; needs the package h5wasm'),
          ...poseFields,
        })
        .describe('SLEAP analysis HDF5, with the package h5wasm; tracks are animals, nodes keypoints'),
      numpy(),
    ])
    .describe('What is read');

const settings = z.strictObject({
  kind: z.literal('import').describe('What these settings are for'),
  name: folderName().describe('The name of this import'),
  out: place().describe('The folder of the data set'),
  source: source(),
});

export const importSettings = withImportRules(settings).describe('Settings of `whisker data import`');

export type ImportSettings = z.output<typeof importSettings>;

/** The schema gives what the data room asks for. */
export const asImportOptions = (settings: DeepReadonly<ImportSettings>): ImportOptions => settings.source;
