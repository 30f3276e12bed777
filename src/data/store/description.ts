import { z } from 'zod';
import { UserError } from '../../errors.js';
import { type ARRAY_FILES, DATASET_VERSION, DESCRIPTION_FILE } from './array-files.js';

const name = z.string().min(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a sha256');
const index = z.int().nonnegative();

const headerSchema = z.strictObject({
  name,
  skeleton: z.strictObject({
    keypoints: z.array(name).min(1),
    edges: z.array(z.tuple([index, index])),
    mirrorPairs: z.array(z.tuple([index, index])),
    front: z.array(index),
    back: z.array(index),
  }),
  animals: z.strictObject({ names: z.array(name).min(1), identity: z.enum(['ordered', 'exchangeable']) }),
  tracks: z.array(z.strictObject({ name, vocabulary: z.array(name).min(1) })),
  camera: z
    .strictObject({
      frameSize: z.tuple([z.number().positive(), z.number().positive()]).nullable(),
      pixelsPerUnit: z.number().positive().nullable(),
      unit: name,
    })
    .optional(),
});

const recordingSchema = z.strictObject({
  id: name,
  subset: name,
  frames: z.int().positive(),
  framesPerSecond: z.number().positive(),
  hasScores: z.boolean(),
  tracks: z.array(name),
  poseHash: sha256,
  source: z.strictObject({ file: z.string(), sha256: z.string() }),
});

const descriptionSchema = z.strictObject({
  format: z.literal('whisker-dataset'),
  version: z.literal(DATASET_VERSION),
  /** Names the sources and settings that the data set was made from, see `writeDataset`. */
  origin: z.string().nullable(),
  header: headerSchema,
  recordings: z.array(recordingSchema),
  files: z.strictObject({
    'pose.f32': z.strictObject({ sizeBytes: index, sha256 }),
    'scores.f32': z.strictObject({ sizeBytes: index, sha256 }),
    'labels.i16': z.strictObject({ sizeBytes: index, sha256 }),
  } satisfies Record<(typeof ARRAY_FILES)[number], unknown>),
});

/** What `dataset.json` holds. */
export type Description = z.infer<typeof descriptionSchema>;

/** Reads the text of a `dataset.json`; `where` names it in errors. Refuses other versions and unknown keys. */
export function parseDescription(text: string, where: string): Description {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UserError('data', `${where} is not JSON: ${(cause as Error).message}`, {
      hint: 'Import the data set again.',
      cause,
    });
  }
  const version = (value as { version?: unknown } | null)?.version;
  if (typeof version === 'number' && version !== DATASET_VERSION)
    throw new UserError(
      'data',
      `${where} has format version ${version}, this program reads ${DATASET_VERSION}`,
      {
        hint: 'Import the data set again with this version of the program.',
      },
    );
  const result = descriptionSchema.safeParse(value);
  if (!result.success) {
    const lines = result.error.issues.map(
      (issue) => `  ${issue.path.join('.') || '(top)'}: ${issue.message}`,
    );
    throw new UserError('data', `${where} does not describe a data set\n${lines.slice(0, 10).join('\n')}`, {
      hint: `Is this a data set folder? Its ${DESCRIPTION_FILE} is written by an import and not meant to be edited.`,
    });
  }
  return result.data;
}
