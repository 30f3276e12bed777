import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatasetHeader } from '../data/pose.js';
import type { Dataset, RecordingEntry } from '../data/store/dataset.js';
import { UserError } from '../errors.js';
import type { BoutChoice } from '../evaluation/bouts/choose-bouts.js';
import { equalShares } from '../evaluation/heads/fuse.js';
import { checkHead } from '../evaluation/heads/head.js';
import type { FittedClassifier, TaskHead } from '../evaluation/protocols/classifier.js';
import type { OpenTask } from '../evaluation/protocols/run-task.js';
import type { Split, Task } from '../evaluation/protocols/task.js';
import { fileName } from '../files/file-name.js';
import { makeFolder, writeWhole } from '../files/write-whole.js';

const VERSION = 4;

/** A task's heads as they lie in `heads/`: everything but the features themselves. */
export interface StoredHeads {
  readonly format: 'whisker-heads';
  readonly version: typeof VERSION;
  readonly task: Task;
  readonly features: string;
  readonly seed: number;
  /** Hashes of the encoders behind the features: one for all splits or one per split; empty: none. */
  readonly encoders: readonly string[];
  /** Where labels came from; other data must have the same skeleton and animals. */
  readonly dataset: Pick<DatasetHeader, 'name' | 'skeleton' | 'animals'> & { readonly hash: string };
  readonly splits: readonly StoredSplit[];
  /** Of a cross-validated task: fitted on all labelled recordings, for new ones. null: the splits are all there is. */
  readonly whole: StoredSplit | null;
}

/** The heads of one split, and what they have seen: so that nothing trained on is scored as new. */
export interface StoredSplit {
  readonly split: string;
  readonly train: readonly RecordingMark[];
  readonly test: readonly RecordingMark[];
  readonly parts: readonly Pick<TaskHead, 'fitted' | 'head'>[];
  /** How much each part counts where they are fused. */
  readonly shares: readonly number[];
  /** How probabilities become labels, chosen within `train`; null: not chosen. */
  readonly bouts: BoutChoice | null;
}

/** Names a recording by its id and by its poses. */
export type RecordingMark = Pick<RecordingEntry, 'id' | 'poseHash'>;

/** The heads of one row and task, all splits. */
export interface HeadsToSave {
  readonly open: OpenTask;
  readonly dataset: Dataset;
  readonly features: string;
  readonly seed: number;
  readonly encoders: readonly string[];
  /** One per split, in their order. */
  readonly heads: readonly Heads[];
  readonly whole: Heads | null;
}

type Heads = Pick<FittedClassifier, 'split' | 'parts' | 'fit'>;

/** Writes heads: JSON, every number exact. */
export function saveHeads(folder: string, saved: HeadsToSave): void {
  const { open, dataset, features, seed, encoders, heads, whole } = saved;
  const { task, splits } = open;
  const { name, skeleton, animals } = dataset.header;
  const mark = (recording: number): RecordingMark => {
    const { id, poseHash } = dataset.recordings[recording];
    return { id, poseHash };
  };
  const store = ({ split, parts, fit }: Heads, { train, test }: Split): StoredSplit => ({
    split,
    train: train.map(mark),
    test: test.map(mark),
    parts: parts.map(({ fitted, head }) => ({ fitted, head })),
    shares: fit.shares,
    bouts: fit.bouts,
  });
  const stored: StoredHeads = {
    ...{ format: 'whisker-heads', version: VERSION, task, features, seed, encoders },
    dataset: { name, skeleton, animals, hash: dataset.hash },
    splits: heads.map((own, index) => store(own, splits[index])),
    whole: whole === null || open.whole === null ? null : store(whole, open.whole),
  };
  const path = headPath(folder, task.name, features, seed);
  makeFolder(join(folder, 'heads'));
  writeWhole(path, [Buffer.from(JSON.stringify(stored, encodeNumbers))]);
}

/** Whether a run holds heads of its own for a row and task; baselines have none. */
export function hasHeads(folder: string, task: string, features: string, seed: number): boolean {
  return existsSync(headPath(folder, task, features, seed));
}

/** What to do with heads that are no use. */
const FIT_ANEW = 'Fit them anew: `whisker finetune` with --overwrite or under another name';

/** Reads heads back. @throws UserError (`data`) when they are not there or damaged */
export function loadHeads(folder: string, task: string, features: string, seed: number): StoredHeads {
  const path = headPath(folder, task, features, seed);
  let stored: StoredHeads;
  try {
    stored = upgrade(JSON.parse(readFileSync(path, 'utf8'), decodeNumbers) as StoredHeads);
  } catch (cause) {
    throw new UserError('data', `${path} can't be read: ${(cause as Error).message}`, {
      hint: 'Run `whisker finetune` with --resume: it writes what is missing',
      cause,
    });
  }
  if (stored.format !== 'whisker-heads' || stored.version !== VERSION) {
    throw new UserError('data', `${path} holds no heads of version ${VERSION}, got ${stored.version}`, {
      hint: FIT_ANEW,
    });
  }
  try {
    for (const { parts } of [...stored.splits, stored.whole ?? []].flat())
      for (const { head } of parts) checkHead(head);
  } catch (cause) {
    throw new UserError('data', `${path} is damaged: ${(cause as Error).message}`, {
      hint: FIT_ANEW,
      cause,
    });
  }
  return stored;
}

/** Heads of version 3 all count alike. */
function upgrade(stored: Omit<StoredHeads, 'version'> & { readonly version: number }): StoredHeads {
  if (stored.version !== 3) return stored as StoredHeads;
  const share = (split: StoredSplit): StoredSplit => ({ ...split, shares: equalShares(split.parts.length) });
  const whole = stored.whole === null ? null : share(stored.whole);
  return { ...stored, version: VERSION, splits: stored.splits.map(share), whole };
}

/**
 * Refuses tasks and rows that would lie in one file: names of own tracks that differ in separators alone.
 * @throws UserError (`settings`)
 */
export function refuseSharedFiles(tasks: readonly string[], rows: readonly string[]): void {
  const owners = new Map<string, string>();
  for (const task of tasks) {
    for (const row of rows) {
      const path = headPath('', task, row, 0);
      const owner = owners.get(path) ?? task;
      owners.set(path, owner);
      if (owner === task) continue;
      throw new UserError(
        'settings',
        `The tracks ${owner} and ${task} would share files in the folder of a run`,
        {
          hint: `Fit them in two runs: protocol.tracks=[${owner}] and protocol.tracks=[${task}], each with a name of its own`,
        },
      );
    }
  }
}

function headPath(folder: string, task: string, features: string, seed: number): string {
  return join(folder, 'heads', `${fileName(`${task}, ${features}, seed ${seed}`)}.json`);
}

/** Typed arrays as `{"float64": [...]}` and the like; JSON keeps a double's every bit. */
function encodeNumbers(_: string, value: unknown): unknown {
  if (value instanceof Float64Array) return { float64: Array.from(value) };
  if (value instanceof Float32Array) return { float32: Array.from(value) };
  if (value instanceof Uint8Array) return { uint8: Array.from(value) };
  return value;
}

function decodeNumbers(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { float64, float32, uint8 } = value as Readonly<Record<string, unknown>>;
  if (Array.isArray(float64)) return Float64Array.from(float64, orNaN);
  if (Array.isArray(float32)) return Float32Array.from(float32, orNaN);
  if (Array.isArray(uint8)) return Uint8Array.from(uint8 as number[]);
  return value;
}

/** JSON has null for what is no number; an array would make a zero of it. */
function orNaN(value: number | null): number {
  return value ?? Number.NaN;
}
