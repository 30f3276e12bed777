import { inYaml } from './list-settings.js';

/** What is known of somebody's own recordings. */
export interface OwnRecordings {
  readonly name: string;
  /** A glob of DeepLabCut csv files. */
  readonly poses: string;
  readonly framesPerSecond: number;
  readonly identity: 'ordered' | 'exchangeable';
  readonly animals: readonly string[];
  readonly keypoints: readonly string[];
  readonly mirrorPairs: readonly (readonly [string, string])[];
  readonly front: readonly string[];
  readonly back: readonly string[];
  /** A glob of BORIS events, and the behaviours marked there; null: no labels yet. */
  readonly labels: { readonly files: string; readonly behaviours: readonly string[] } | null;
}

/** Settings files for somebody's own recordings, by name: import, pretraining, and heads where there are labels. */
export function ownSettings(own: OwnRecordings): Readonly<Record<string, string>> {
  const { name, labels } = own;
  const store = `data/${name}`;
  const pretrain = [
    '# Pretrains an encoder on recordings of your own. Every setting: whisker config list pretrain',
    'kind: pretrain',
    `name: ${inYaml(name)}`,
    `data: { folder: ${inYaml(store)} }`,
    'training: { duration: { epochs: 10 } }',
  ];
  const files = {
    [`${name}-import.yaml`]: importLines(own, store),
    [`${name}.yaml`]: pretrain,
    ...(labels === null ? {} : { [`${name}-heads.yaml`]: headLines(name, store, labels.behaviours) }),
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
    '  format: deeplabcut-csv',
    `  name: ${inYaml(own.name)}`,
    `  files: [${JSON.stringify(own.poses)}]`,
    '  recordingId: "^(.+?)(?:DLC|[.])"  # the part of the file name that names the recording',
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

function annotationLines({ files, behaviours }: NonNullable<OwnRecordings['labels']>): readonly string[] {
  return [
    '  annotations:',
    '    - format: boris',
    `      files: [${JSON.stringify(files)}]`,
    '      tracks:  # one for each behaviour, so that they may overlap',
    ...behaviours.flatMap((behaviour) => [
      `        - name: ${inYaml(behaviour)}`,
      `          vocabulary: ${inYaml(['other', behaviour])}`,
      `          ignore: ${inYaml(behaviours.filter((other) => other !== behaviour))}`,
      '          background: other  # frames that no event covers',
    ]),
  ];
}

function headLines(name: string, store: string, behaviours: readonly string[]): readonly string[] {
  return [
    '# Heads for your behaviours, cross-validated by recording. Every setting: whisker config list finetune',
    'kind: finetune',
    `name: ${inYaml(`${name}-heads`)}`,
    `run: ${inYaml(`checkpoints/${name}`)}`,
    `data: { folder: ${inYaml(store)} }`,
    `protocol: { type: own, tracks: ${inYaml(behaviours)}, folds: 3 }`,
    'rows: [encoder, random-encoder, kinematics]',
    'shiftedLabels: [kinematics]',
    'head: { foldCount: 2 }',
  ];
}
