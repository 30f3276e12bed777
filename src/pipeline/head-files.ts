import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '../checkpoint/write-whole.js';
import { UserError } from '../errors.js';
import type { TaskHeads } from '../evaluation/protocols/run-task.js';
import type { Task } from '../evaluation/protocols/task.js';

/** A task's heads as they lie in `heads/`: everything but the features themselves. */
export interface StoredHeads {
  readonly format: 'whisker-heads';
  readonly version: 1;
  readonly task: Task;
  readonly features: string;
  readonly seed: number;
  readonly splits: readonly {
    readonly split: string;
    readonly parts: readonly Pick<TaskHeads['parts'][number], 'fitted' | 'head'>[];
  }[];
}

/** Writes the heads of one row and task, all splits: JSON, every number exact. */
export function saveHeads(
  folder: string,
  task: Task,
  features: string,
  seed: number,
  heads: readonly TaskHeads[],
): void {
  const stored: StoredHeads = {
    ...{ format: 'whisker-heads', version: 1, task, features, seed },
    splits: heads.map(({ split, parts }) => ({
      split,
      parts: parts.map(({ fitted, head }) => ({ fitted, head })),
    })),
  };
  const path = headPath(folder, task.name, features, seed);
  mkdirSync(join(folder, 'heads'), { recursive: true });
  writeWhole(path, [Buffer.from(JSON.stringify(stored, encodeNumbers))]);
}

/** Reads heads back. @throws UserError (`data`) when they are not there or damaged */
export function loadHeads(folder: string, task: string, features: string, seed: number): StoredHeads {
  const path = headPath(folder, task, features, seed);
  let stored: StoredHeads;
  try {
    stored = JSON.parse(readFileSync(path, 'utf8'), decodeNumbers) as StoredHeads;
  } catch (cause) {
    throw new UserError('data', `${path} can't be read: ${(cause as Error).message}`, {
      hint: 'Run `whisker finetune` with --resume: it writes what is missing',
      cause,
    });
  }
  if (stored.format !== 'whisker-heads' || stored.version !== 1) {
    throw new UserError('data', `${path} holds no heads of version 1`);
  }
  return stored;
}

function headPath(folder: string, task: string, features: string, seed: number): string {
  const name = `${task}, ${features}, seed ${seed}`.replace(/[^A-Za-z0-9.+-]+/g, '_');
  return join(folder, 'heads', `${name}.json`);
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
  if (Array.isArray(float64)) return Float64Array.from(float64 as number[]);
  if (Array.isArray(float32)) return Float32Array.from(float32 as number[]);
  if (Array.isArray(uint8)) return Uint8Array.from(uint8 as number[]);
  return value;
}
