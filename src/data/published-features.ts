import { basename } from 'node:path';
import { UserError } from '../errors.js';
import { readTaskprogFeatures } from './formats/calms21.js';
import { readMarsFeatures } from './formats/mars-features.js';
import { readChunks } from './formats/read-chunks.js';
import { openZip, readZipEntry } from './formats/zip-entries.js';
import { findFiles } from './import-files.js';
import type { RecordingEntry } from './store/dataset.js';

/** Features that CalMS21 publishes beside the poses, matched to recordings by their ids. */
export interface PublishedFeatures {
  readonly width: number;
  readonly channelNames?: readonly string[];
  /** [frame, width] of a recording */
  read(recording: number): Promise<Float32Array>;
}

const TASK_PROGRAMMING_WIDTH = 32;

/**
 * Features of task programming (Sun et al. 2021) from `taskprog_features_*.json`, as they are, gzipped, or in the published
 * archives. They are all held in memory, 128 bytes a frame.
 * @param wanted recordings that must be there
 * @throws UserError (`data`) naming those that are not, or differ in length
 */
export async function openTaskProgramming(
  patterns: readonly string[],
  recordings: readonly RecordingEntry[],
  wanted: readonly number[],
): Promise<PublishedFeatures> {
  const numberOf = new Map(wanted.map((recording) => [recordings[recording].id, recording]));
  const found = new Map<number, Float32Array>();
  const files = findFiles(patterns, '.').filter((path) => /\.(zip|json|json\.gz)$/i.test(path));
  for (const path of files)
    for await (const { id, frames, features } of readFile(path)) {
      const recording = numberOf.get(id);
      if (recording === undefined) continue;
      checkFrames(path, recordings[recording], frames);
      found.set(recording, features);
    }
  refuseMissing('task-programming', files, recordings, wanted, (recording) => found.has(recording));
  return { width: TASK_PROGRAMMING_WIDTH, read: async (recording) => found.get(recording) as Float32Array };
}

async function* readFile(path: string) {
  if (!/\.zip$/i.test(path)) {
    if (isTaskProgramming(path)) yield* readTaskprogFeatures(readChunks(path), path);
    return;
  }
  const archive = await openZip(path);
  archive.close();
  for (const { name } of archive.entries.filter((entry) => isTaskProgramming(entry.name)))
    yield* readTaskprogFeatures(
      readZipEntry(path, name, () => {}),
      `${path}/${name}`,
    );
}

function isTaskProgramming(path: string): boolean {
  return /^taskprog.*\.json(\.gz)?$/i.test(basename(path));
}

/**
 * Features of MARS (Segalin et al. 2021) from `.npz` files that are named by the last part of a recording's id. One
 * recording is read at a time; both mice side by side.
 * @param wanted recordings that must be there
 * @throws UserError (`data`) naming those that are not, or have other features or another length
 */
export async function openMars(
  patterns: readonly string[],
  recordings: readonly RecordingEntry[],
  wanted: readonly number[],
): Promise<PublishedFeatures> {
  const files = findFiles(patterns, '.').filter((path) => /\.npz$/i.test(path));
  const pathOf = new Map(files.map((path) => [basename(path).replace(/\.npz$/i, ''), path]));
  const fileOf = (recording: number) => pathOf.get(recordings[recording].id.split('/').at(-1) as string);
  refuseMissing('mars', files, recordings, wanted, (recording) => fileOf(recording) !== undefined);
  const { featureNames } = await readMarsFeatures(fileOf(wanted[0]) as string);
  const channelNames = ['resident', 'intruder'].flatMap((animal) =>
    featureNames.map((name) => `${animal}.${name}`),
  );
  return {
    width: channelNames.length,
    channelNames,
    async read(recording) {
      const path = fileOf(recording) as string;
      const own = await readMarsFeatures(path);
      checkFrames(path, recordings[recording], own.frames);
      const other = featureNames.findIndex((name, at) => own.featureNames[at] !== name);
      if (other >= 0 || own.featureNames.length !== featureNames.length)
        throw new UserError(
          'data',
          `${path} has other features than ${fileOf(wanted[0])}: ${own.featureNames[other]} in place of ${featureNames[other]}`,
        );
      return own.features;
    },
  };
}

function checkFrames(path: string, { id, frames }: RecordingEntry, got: number): void {
  if (got === frames) return;
  throw new UserError(
    'data',
    `${path}: recording ${id} has ${frames} frames of poses, but ${got} of features`,
  );
}

function refuseMissing(
  row: string,
  files: readonly string[],
  recordings: readonly RecordingEntry[],
  wanted: readonly number[],
  isThere: (recording: number) => boolean,
): void {
  const missing = wanted
    .filter((recording) => !isThere(recording))
    .map((recording) => recordings[recording].id);
  if (missing.length === 0) return;
  const some = `${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ', ...' : ''}`;
  throw new UserError(
    'data',
    `the row ${row} finds no features of ${missing.length} of ${wanted.length} recordings: ${some}`,
    {
      hint: `Looked into ${files.length} files: ${files.slice(0, 3).join(', ')}${files.length > 3 ? ', ...' : ''}`,
    },
  );
}
