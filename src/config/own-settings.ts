import { inYaml } from './list-settings.js';

/** What is known of somebody's own recordings. */
export interface OwnRecordings {
  readonly name: string;
  /** Names and patterns of pose files. */
  readonly poses: readonly string[];
  readonly format: string;
  /** Regular expression on the names of pose files; null: up to the first dot. */
  readonly recordingId: string | null;
  readonly framesPerSecond: number;
  readonly identity: 'ordered' | 'exchangeable';
  readonly animals: readonly string[];
  readonly keypoints: readonly string[];
  readonly mirrorPairs: readonly (readonly [string, string])[];
  readonly front: readonly string[];
  readonly back: readonly string[];
  /** null: no labels yet. */
  readonly labels: OwnLabels | null;
}

/** Annotation files and what was found in them. */
export interface OwnLabels {
  /** Names and patterns of annotation files. */
  readonly files: readonly string[];
  readonly format: string;
  /** As for poses. */
  readonly recordingId: string | null;
  /** Those to learn. */
  readonly behaviours: readonly string[];
  /** All that the files mark. */
  readonly marked: readonly string[];
  /** Recordings that have such a file. */
  readonly recordings: number;
}

/** Settings files for somebody's own recordings, by name: import, pretraining, and heads where two have labels. */
export function ownSettings(own: OwnRecordings): Readonly<Record<string, string>> {
  const { name, labels } = own;
  const store = `data/${name}`;
  const pretrain = [
    '# Pretrains an encoder on recordings of your own. Every setting: whisker config list pretrain',
    'kind: pretrain',
    `name: ${inYaml(name)}`,
    `data: { folder: ${inYaml(store)} }`,
    'training: { duration: { steps: 600 } }  # minutes on two cores; more for hours of video',
  ];
  const files = {
    [`${name}-import.yaml`]: importLines(own, store),
    [`${name}.yaml`]: pretrain,
    ...(labels === null || labels.recordings < 2
      ? {}
      : { [`${name}-heads.yaml`]: headLines(name, store, labels) }),
  };
  return Object.fromEntries(Object.entries(files).map(([file, lines]) => [file, `${lines.join('\n')}\n`]));
}

function importLines(own: OwnRecordings, store: string): readonly string[] {
  return [
    '# Reads recordings of your own into a data set. Look at front, back and mirrorPairs: they are guessed from the names.',
    'kind: import',
    `name: ${inYaml(own.name)}`,
    `out: ${inYaml(store)}`,
    'source:',
    `  format: ${own.format}`,
    `  name: ${inYaml(own.name)}`,
    `  files: ${quoted(own.poses)}`,
    ...idLines(own.recordingId, '  '),
    `  framesPerSecond: ${own.framesPerSecond}`,
    '  skeleton:',
    `    keypoints: ${inYaml(own.keypoints)}`,
    `    mirrorPairs: ${inYaml(own.mirrorPairs)}`,
    `    front: ${inYaml(own.front)}  # the heading points here`,
    `    back: ${inYaml(own.back)}  # and away from here`,
    '  animals:',
    `    names: ${inYaml(own.animals)}`,
    `    identity: ${own.identity}`,
    ...(own.labels === null ? [] : annotationLines(own.labels)),
  ];
}

/** In quotes, as patterns have letters that mean something else in YAML. */
function quoted(files: readonly string[]): string {
  return `[${files.map((file) => JSON.stringify(file)).join(', ')}]`;
}

/** Nothing where the file name up to its first dot is the id. */
function idLines(pattern: string | null, indent: string): readonly string[] {
  if (pattern === null) return [];
  return [
    `${indent}recordingId: ${JSON.stringify(pattern)}  # the first group is the part of the file name that names the recording`,
  ];
}

function annotationLines({ files, format, recordingId, behaviours, marked }: OwnLabels): readonly string[] {
  return [
    '  annotations:',
    `    - format: ${format}`,
    `      files: ${quoted(files)}`,
    ...idLines(recordingId, '      '),
    '      tracks:  # one for each behaviour, so that they may overlap',
    ...behaviours.flatMap((behaviour) => [
      `        - name: ${inYaml(behaviour)}`,
      `          vocabulary: ${inYaml([restFor(behaviour), behaviour])}`,
      `          ignore: ${inYaml(marked.filter((other) => other !== behaviour))}`,
      `          background: ${restFor(behaviour)}  # frames that no bout covers`,
    ]),
  ];
}

/** The class of all other frames. */
function restFor(behaviour: string): string {
  return behaviour === 'other' ? 'rest' : 'other';
}

function headLines(name: string, store: string, { behaviours, recordings }: OwnLabels): readonly string[] {
  return [
    '# Heads for your behaviours, cross-validated by recording. Every setting: whisker config list finetune',
    'kind: finetune',
    `name: ${inYaml(`${name}-heads`)}`,
    `run: ${inYaml(`checkpoints/${name}`)}`,
    `data: { folder: ${inYaml(store)} }`,
    `protocol: { type: own, tracks: ${inYaml(behaviours)}, folds: ${Math.min(5, recordings)} }`,
    'rows: [encoder, random-encoder, kinematics]',
    'shiftedLabels: [kinematics]',
    'head: { foldCount: 2 }',
  ];
}
