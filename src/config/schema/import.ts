import { z } from 'zod';
import type { ImportSettings as ImportOptions } from '../../data/import-settings.js';
import type { DeepReadonly } from '../freeze.js';
import { folderName, place, positive, share } from './fields.js';

const keypoint = () => z.string().min(1);
const pair = () => z.tuple([keypoint(), keypoint()]);
const pattern = () => z.string().min(1);
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

const source = () =>
  z
    .discriminatedUnion('format', [
      z
        .strictObject({
          format: z.literal('calms21').describe('CalMS21 as published, or simulated in its layout'),
          name: z.string().min(1).default('CalMS21').describe("The data set's name"),
          files: files('JSON files, or folders that hold them'),
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
        .describe('CalMS21'),
      z
        .strictObject({
          format: z.literal('deeplabcut-csv').describe('DeepLabCut csv, single- or multi-animal, also .gz'),
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
          framesPerSecond: positive().describe('Frames per second of the videos'),
          minimalScore: share().default(0).describe('Points with a lower score are missing'),
          annotations: z
            .array(
              z.strictObject({
                format: z.enum(['caltech']).describe('Caltech Behavior Annotator'),
                files: files('Annotation files'),
                recordingId: recordingId(),
                beyondEnd: z
                  .enum(['refuse', 'cut'])
                  .default('refuse')
                  .describe('Bouts behind the last frame: an error, or cut off and told'),
                tracks: z.array(track()).min(1).describe('Label tracks made from the files'),
              }),
            )
            .default([])
            .describe('Annotation files; one belongs to the recording with the same id'),
        })
        .describe('DeepLabCut'),
    ])
    .describe('What is read');

export const importSettings = z
  .strictObject({
    kind: z.literal('import').describe('What these settings are for'),
    name: folderName().describe('The name of this import'),
    out: place().describe('The folder of the data set'),
    source: source(),
  })
  .describe('Settings of `whisker data import`');

export type ImportSettings = z.output<typeof importSettings>;

/** The schema gives what the data room asks for. */
export const asImportOptions = (settings: DeepReadonly<ImportSettings>): ImportOptions => settings.source;
