import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '../../canonical-json.js';
import { UserError } from '../../errors.js';
import { makeFolder, writeWhole } from '../../files/write-whole.js';
import type { FrameFeatures } from './frame-features.js';

/** All that the values depend on; its hash names the folder. Any change of it makes other features. */
export interface FeatureKey {
  readonly name: string;
  /** `Dataset.hash` */
  readonly dataset: string;
  /** sha256 of the checkpoint, or null for features without one. */
  readonly checkpoint: string | null;
  /** Settings of the computation: plain data. */
  readonly settings: unknown;
}

export interface ComputeOptions {
  /** Where all stored features of a run lie; a folder named by the key is made below it. */
  readonly folder: string;
  readonly key: FeatureKey;
  readonly width: number;
  readonly channelNames?: readonly string[];
  /** The recordings that are wanted, with their frames. */
  readonly recordings: readonly { readonly recording: number; readonly frames: number }[];
  /** A whole recording: [frame, width]. */
  readonly compute: (recording: number) => Promise<Float32Array> | Float32Array;
  readonly onProgress?: (done: number, total: number) => void;
}

const FORMAT = 1;
const DESCRIPTION = 'features.json';

/**
 * Computes features that cost much and keeps them on disk, one file per recording; what is there already is taken as
 * it is, so that an interrupted computation goes on where it stopped. Files are written beside and then renamed.
 * @throws UserError (`data`) when the folder holds other features than its name says, or a file has another size.
 */
export async function storeFeatures(options: ComputeOptions): Promise<FrameFeatures> {
  const { key, width, recordings } = options;
  const folder = join(options.folder, featureFolder(key));
  makeFolder(folder);
  checkDescription(folder, key, width);
  let done = 0;
  for (const { recording, frames } of recordings) {
    const path = recordingPath(folder, recording);
    if (!existsSync(path)) {
      const values = await options.compute(recording);
      checkLength(path, values.length, frames * width);
      writeWhole(path, [new Uint8Array(values.buffer, values.byteOffset, values.byteLength)]);
    }
    checkLength(path, statSync(path).size / 4, frames * width);
    options.onProgress?.(++done, recordings.length);
  }
  return readStored(folder, { name: key.name, width, channelNames: options.channelNames });
}

/**
 * Features that lie there already, all of the recordings that are wanted; null where one is missing.
 * @throws UserError (`data`) as `storeFeatures`
 */
export function openStored({
  folder: above,
  key,
  recordings,
}: Pick<ComputeOptions, 'folder' | 'key' | 'recordings'>): FrameFeatures | null {
  const folder = join(above, featureFolder(key));
  const description = join(folder, DESCRIPTION);
  const isThere = recordings.every(({ recording }) => existsSync(recordingPath(folder, recording)));
  if (!isThere || !existsSync(description)) return null;
  const { width } = JSON.parse(readFileSync(description, 'utf8')) as { readonly width: number };
  checkDescription(folder, key, width);
  for (const { recording, frames } of recordings) {
    const path = recordingPath(folder, recording);
    checkLength(path, statSync(path).size / 4, frames * width);
  }
  return readStored(folder, { name: key.name, width });
}

function readStored(
  folder: string,
  {
    name,
    width,
    channelNames,
  }: { readonly name: string; readonly width: number; readonly channelNames?: readonly string[] | undefined },
): FrameFeatures {
  return {
    name,
    width,
    ...(channelNames === undefined ? {} : { channelNames }),
    read: (recording, start, stop) =>
      readFloats(recordingPath(folder, recording), start * width, stop * width),
  };
}

/** The name of the key's folder: what it is and the first 16 digits of its sha256. */
export function featureFolder(key: FeatureKey): string {
  return `${key.name}-${createHash('sha256').update(canonicalJson(key)).digest('hex').slice(0, 16)}`;
}

function checkDescription(folder: string, key: FeatureKey, width: number): void {
  const path = join(folder, DESCRIPTION);
  const description = canonicalJson({ format: FORMAT, key, width });
  if (!existsSync(path)) {
    writeWhole(path, [Buffer.from(description)]);
    return;
  }
  if (readFileSync(path, 'utf8') !== description) {
    throw new UserError('data', `${folder} holds other features than its name says`, {
      hint: 'Delete the folder; its features will be computed anew',
    });
  }
}

function checkLength(path: string, got: number, expected: number): void {
  if (got === expected) return;
  throw new UserError('data', `${path} must have ${expected} values, got ${got}`, {
    hint: 'Delete the file; its features will be computed anew',
  });
}

function recordingPath(folder: string, recording: number): string {
  return join(folder, `${String(recording).padStart(5, '0')}.f32`);
}

/** Values [from, to) of a file of little-endian float32. */
function readFloats(path: string, from: number, to: number): Float32Array {
  const values = new Float32Array(to - from);
  const bytes = new Uint8Array(values.buffer);
  const file = openSync(path, 'r');
  try {
    let read = 0;
    while (read < bytes.length) {
      const count = readSync(file, bytes, read, bytes.length - read, from * 4 + read);
      if (count === 0) throw new UserError('data', `${path} ends before value ${to}`);
      read += count;
    }
  } finally {
    closeSync(file);
  }
  return values;
}
