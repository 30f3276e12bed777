import type { z } from 'zod';
import { type Contradiction, type Place, rule } from './rule.js';

/** What the readers refuse, known from the settings alone: names that nothing bears, patterns that are none. */
export function withImportRules<Schema extends z.ZodType<Checked>>(schema: Schema): Schema {
  return schema
    .superRefine(...rule<Checked>(['source.format', 'source.skeleton'], knownKeypoints))
    .superRefine(...rule<Checked>(['source.format', 'source.animals'], knownAnimals))
    .superRefine(...rule<Checked>(['source.format', 'source.annotations'], knownClasses))
    .superRefine(
      ...rule<Checked>(['source.format', 'source.recordingId'], ({ source }) =>
        pattern(source.recordingId, ['source', 'recordingId']),
      ),
    )
    .superRefine(
      ...rule<Checked>(['source.format', 'source.subsets'], ({ source }) =>
        matches(source.subsets, 'subsets'),
      ),
    )
    .superRefine(
      ...rule<Checked>(['source.format', 'source.framesPerSecond'], ({ source: { framesPerSecond } }) =>
        matches(Array.isArray(framesPerSecond) ? framesPerSecond : [], 'framesPerSecond'),
      ),
    )
    .superRefine(
      ...rule<Checked>(['source.format', 'source.contents'], ({ source }) =>
        matches(source.contents, 'contents'),
      ),
    )
    .superRefine(...rule<Checked>(['source.format', 'source.axes'], wholeAxes));
}

interface Track {
  readonly name: string;
  readonly vocabulary: readonly string[];
  readonly rename: Readonly<Record<string, string>>;
  readonly background: string | null;
}

/** The settings that rules read; a format without a part has none of it. */
interface Checked {
  readonly source: {
    readonly recordingId?: string | null;
    readonly subsets?: readonly { readonly match: string }[];
    readonly framesPerSecond?: number | readonly { readonly match: string }[];
    readonly contents?: readonly { readonly match: string }[];
    readonly skeleton?: {
      readonly keypoints: readonly string[];
      readonly rename: Readonly<Record<string, string>>;
      readonly edges: readonly (readonly [string, string])[];
      readonly mirrorPairs: readonly (readonly [string, string])[];
      readonly front: readonly string[];
      readonly back: readonly string[];
    };
    readonly animals?: {
      readonly names: readonly string[];
      readonly rename: Readonly<Record<string, string>>;
    };
    readonly annotations?: readonly {
      readonly recordingId: string | null;
      readonly tracks: readonly Track[];
    }[];
    readonly axes?: readonly string[];
    readonly animalNames?: readonly string[];
  };
}

function knownKeypoints({ source: { skeleton } }: Checked): readonly Contradiction[] {
  if (skeleton === undefined) return [];
  const section = ['source', 'skeleton'];
  const { keypoints, rename, front, back } = skeleton;
  const known = (name: string, place: Place) => oneOf(name, keypoints, 'keypoints', [...section, ...place]);
  return [
    ...twice(keypoints, [...section, 'keypoints']),
    ...Object.entries(rename).flatMap(([from, to]) => known(to, ['rename', from])),
    ...(['edges', 'mirrorPairs'] as const).flatMap((list) =>
      skeleton[list].flatMap((pair, index) => pair.flatMap((name, end) => known(name, [list, index, end]))),
    ),
    ...front.flatMap((name, index) => known(name, ['front', index])),
    ...back.flatMap((name, index) => known(name, ['back', index])),
  ];
}

function knownAnimals({ source: { animals } }: Checked): readonly Contradiction[] {
  if (animals === undefined) return [];
  const section = ['source', 'animals'];
  return [
    ...twice(animals.names, [...section, 'names']),
    ...Object.entries(animals.rename).flatMap(([from, to]) =>
      oneOf(to, animals.names, 'names', [...section, 'rename', from]),
    ),
  ];
}

function knownClasses({ source: { annotations = [] } }: Checked): readonly Contradiction[] {
  const names = annotations.flatMap(({ tracks }) => tracks.map(({ name }) => name));
  return annotations.flatMap(({ recordingId, tracks }, index) => {
    const section = ['source', 'annotations', index];
    return [
      ...pattern(recordingId, [...section, 'recordingId']),
      ...tracks.flatMap(({ name, vocabulary, rename, background }, number) => {
        const place = [...section, 'tracks', number];
        return [
          ...(names.filter((other) => other === name).length > 1
            ? [{ at: [[...place, 'name']], message: `is the name of two tracks: ${name}` }]
            : []),
          ...twice(vocabulary, [...place, 'vocabulary']),
          ...Object.entries(rename).flatMap(([from, to]) =>
            oneOf(to, vocabulary, 'vocabulary', [...place, 'rename', from]),
          ),
          ...(background === null
            ? []
            : oneOf(background, vocabulary, 'vocabulary', [...place, 'background'])),
        ];
      }),
    ];
  });
}

function wholeAxes({ source: { axes, animalNames } }: Checked): readonly Contradiction[] {
  if (axes === undefined) return [];
  const wanted = ['frame', 'animal', 'space', 'keypoint'];
  const missing = wanted.filter(
    (axis) => !axes.includes(axis) && !(axis === 'animal' && animalNames?.length === 1),
  );
  const at = [['source', 'axes']];
  if (missing.length > 0) return [{ at, message: `must name ${missing.join(', ')} too` }];
  return twice(axes, at[0]);
}

function matches(
  rules: readonly { readonly match: string }[] | undefined,
  list: string,
): readonly Contradiction[] {
  return (rules ?? []).flatMap(({ match }, index) => pattern(match, ['source', list, index, 'match']));
}

function pattern(text: string | null | undefined, place: Place): readonly Contradiction[] {
  if (text === null || text === undefined) return [];
  try {
    new RegExp(text);
    return [];
  } catch (error) {
    return [{ at: [place], message: `must be a regular expression: ${(error as Error).message}` }];
  }
}

function oneOf(name: string, known: readonly string[], list: string, place: Place): readonly Contradiction[] {
  if (known.includes(name)) return [];
  return [{ at: [place], message: `must be one of ${list} (${known.join(', ')}), got ${name}` }];
}

function twice(names: readonly string[], place: Place): readonly Contradiction[] {
  const doubled = names.find((name, index) => names.indexOf(name) !== index);
  return doubled === undefined ? [] : [{ at: [place], message: `names ${doubled} twice` }];
}
