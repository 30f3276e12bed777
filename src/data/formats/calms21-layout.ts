import { basename } from 'node:path';
import type { TrackDeclaration } from '../pose.js';

/** The classes of tasks 1 and 2, in the order of the files' own numbers (Sun et al. 2021, section 3.2). */
const SOCIAL_CLASSES = ['attack', 'investigation', 'mount', 'other'] as const;

/** The behaviours of task 3, each annotated in its own sequences. */
export const TASK_3_BEHAVIOURS = [
  'approach',
  'disengaged',
  'groom',
  'intromission',
  'mount_attempt',
  'sniff_face',
  'whiterearing',
] as const;

/** What the sequences of one group of a file become. */
export interface Calms21Part {
  readonly subset: string;
  /** The track of `annotations`; undefined for unlabelled videos. */
  readonly track: TrackDeclaration | undefined;
}

/** What a file of CalMS21 holds. */
export interface Calms21File {
  readonly task: 1 | 2 | 3 | 'unlabelled';
  readonly split?: 'train' | 'test';
}

/**
 * Reads task and split from a file name: `calms21_task1_train.json`, `calms21_unlabeled_videos_part1.json`, also
 * with more behind it (`calms21_task1_test_mouse083_only.json`), and the `.npy` of the official script. Undefined where the name says nothing.
 */
export function inferCalms21File(path: string): Calms21File | undefined {
  const name = basename(path);
  if (!/\.(json(\.gz)?|npy)$/i.test(name) || /features/i.test(name)) return undefined;
  if (/unlabel+ed/i.test(name)) return { task: 'unlabelled' };
  const match = /task([123])[-_](train|test)(?![a-z])/i.exec(name);
  if (!match) return undefined;
  return { task: Number(match[1]) as 1 | 2 | 3, split: match[2].toLowerCase() as 'train' | 'test' };
}

/** The part that a group of a file is; undefined where such a file has no such group. */
export function partOfGroup(file: Calms21File, group: string): Calms21Part | undefined {
  if (file.task === 'unlabelled') return { subset: 'unlabelled', track: undefined };
  if (file.task === 3) {
    if (!(TASK_3_BEHAVIOURS as readonly string[]).includes(group)) return undefined;
    const name = `task3/${group}`;
    return { subset: `${name}/${file.split}`, track: { name, vocabulary: ['other', group] } };
  }
  const annotator = /^annotator-id_([0-5])$/.exec(group)?.[1];
  if (annotator === undefined || (annotator === '0') !== (file.task === 1)) return undefined;
  const name = file.task === 1 ? 'task1' : `task2/annotator${annotator}`;
  return { subset: `${name}/${file.split}`, track: { name, vocabulary: SOCIAL_CLASSES } };
}

/** Where a recording of a subset lies in CalMS21's own files: the inverse of `partOfGroup`. */
export interface Calms21Place {
  readonly file: Calms21File;
  readonly group: string;
  /** `metadata.annotator-id` */
  readonly annotatorId: number;
}

/** Undefined for subsets that CalMS21 doesn't have. */
export function placeOfSubset(subset: string): Calms21Place | undefined {
  if (subset === 'unlabelled')
    return { file: { task: 'unlabelled' }, group: 'unlabeled_videos', annotatorId: 0 };
  const match = /^task(1|2\/annotator[1-5]|3\/(\w+))\/(train|test)$/.exec(subset);
  if (!match) return undefined;
  const [, part, behaviour, split] = match as unknown as [
    string,
    string,
    string | undefined,
    'train' | 'test',
  ];
  const file = { task: Number(part[0]) as 1 | 2 | 3, split };
  const annotatorId = file.task === 2 ? Number(part.at(-1)) : 0;
  const group = behaviour ?? `annotator-id_${annotatorId}`;
  return groupsOfFile(file).includes(group) ? { file, group, annotatorId } : undefined;
}

/** The groups that a complete file has. */
export function groupsOfFile(file: Calms21File): string[] {
  if (file.task === 'unlabelled') return ['unlabeled_videos'];
  if (file.task === 1) return ['annotator-id_0'];
  if (file.task === 2) return [1, 2, 3, 4, 5].map((annotator) => `annotator-id_${annotator}`);
  return [...TASK_3_BEHAVIOURS];
}

/** The files that make the data set complete, by name. */
export const CALMS21_FILES: readonly string[] = [
  ...[1, 2, 3].flatMap((task) => ['train', 'test'].map((split) => `calms21_task${task}_${split}.json`)),
  ...[1, 2, 3, 4].map((part) => `calms21_unlabeled_videos_part${part}.json`),
];
