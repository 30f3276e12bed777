import type { z } from 'zod';
import { type Contradiction, rule } from './rule.js';

/** What the protocols refuse, known from the settings alone. */
export function withFinetuneRules<Schema extends z.ZodType<Checked>>(schema: Schema): Schema {
  return schema
    .superRefine(...rule<Checked>(['run', 'rows', 'shiftedLabels', 'boostedTrees'], runForEncoders))
    .superRefine(...rule<Checked>(['run', 'protocol'], runForEachSplit))
    .superRefine(...rule<Checked>(['rows', 'shiftedLabels', 'publishedFeatures'], filesForPublished))
    .superRefine(...rule<Checked>(['protocol'], oneHeadEach))
    .superRefine(...rule<Checked>(['features', 'head'], gapBetweenBlocks));
}

interface Pooling {
  readonly scalesSeconds: readonly number[];
}

/** The settings that rules read. */
interface Checked {
  readonly run: string | readonly string[] | null;
  readonly rows: readonly string[];
  readonly shiftedLabels: readonly string[];
  readonly publishedFeatures: {
    readonly taskProgramming: readonly string[];
    readonly mars: readonly string[];
  };
  readonly boostedTrees: { readonly features: string };
  readonly features: { readonly pooling: Pooling; readonly encoderPooling: Pooling | null };
  readonly head: { readonly foldUnit: string; readonly gapSeconds: number };
  readonly protocol: {
    readonly type: string;
    readonly folds?: number;
    readonly tracks?: readonly string[];
    readonly parts?: readonly string[];
  };
}

function runForEncoders({ run, rows, shiftedLabels, boostedTrees }: Checked): readonly Contradiction[] {
  const needy = [...rows, ...shiftedLabels].find(
    (name) =>
      name.includes('encoder') ||
      name === 'fine-tuned' ||
      (name === 'boosted-trees' && boostedTrees.features === 'encoder'),
  );
  if (run !== null || needy === undefined) return [];
  return [{ at: [['run']], message: `must name a pretrained run, since the row ${needy} needs it` }];
}

function filesForPublished({ rows, shiftedLabels, publishedFeatures }: Checked): readonly Contradiction[] {
  const { taskProgramming, mars } = publishedFeatures;
  const unfounded = [
    ...(taskProgramming.length === 0 ? [['task-programming', 'taskProgramming']] : []),
    ...(mars.length === 0 ? [['mars', 'mars']] : []),
  ];
  return unfounded.flatMap(([source, field]) =>
    [...rows, ...shiftedLabels].some((name) => name.includes(source))
      ? [
          {
            at: [['publishedFeatures', field]],
            message: `must name files, since a row is on ${source}, got none`,
          },
        ]
      : [],
  );
}

function runForEachSplit({ run, protocol }: Checked): readonly Contradiction[] {
  if (!Array.isArray(run) || run.length === 1) return [];
  const { parts = [] } = protocol;
  if (parts.includes('four-videos')) {
    const message =
      'must be four-videos-by-fold where run names several pretrainings, got four-videos, which has one split';
    return [{ at: [['protocol', 'parts', parts.indexOf('four-videos')], ['run']], message }];
  }
  const splits = { calms21: 1, own: protocol.folds, rats: 5 }[protocol.type];
  if (splits === undefined || run.length === splits) return [];
  const wanted = splits === 1 ? 'one pretraining' : `one pretraining, or one for each of ${splits} folds`;
  return [{ at: [['run'], ['protocol', 'folds']], message: `must name ${wanted}, got ${run.length}` }];
}

function oneHeadEach({ protocol: { tracks = [] } }: Checked): readonly Contradiction[] {
  return tracks.flatMap((name, index) =>
    tracks.indexOf(name) === index
      ? []
      : [{ at: [['protocol', 'tracks', index]], message: `names ${name} again` }],
  );
}

/** What is held out of a recording must not lie in the windows of the frames that are fitted on. */
function gapBetweenBlocks({ features, head }: Checked): readonly Contradiction[] {
  if (head.foldUnit === 'recording') return [];
  return (['pooling', 'encoderPooling'] as const).flatMap((name) => {
    const widest = Math.max(0, ...(features[name]?.scalesSeconds ?? []));
    if (head.gapSeconds >= widest) return [];
    const message = `must be at least the widest scale of features.${name} (${widest}), got ${head.gapSeconds}; or set head.foldUnit to recording`;
    const at = [
      ['head', 'gapSeconds'],
      ['features', name, 'scalesSeconds'],
    ];
    return [{ at, message }];
  });
}
