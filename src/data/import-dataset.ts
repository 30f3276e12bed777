import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { readChunks } from './formats/read-chunks.js';
import { readZipEntry } from './formats/zip-entries.js';
import { openCalms21Source } from './import-calms21.js';
import { displayPath } from './import-files.js';
import { openPoseSource } from './import-poses.js';
import type { ImportSettings } from './import-settings.js';
import type { DatasetSource } from './store/dataset.js';
import { hashFile } from './store/verify-dataset.js';
import { type WriteResult, writeDataset } from './store/write-dataset.js';

/** By format; changes whenever the same settings and files would give another data set. */
const IMPORT_VERSIONS: Readonly<Record<ImportSettings['format'], number>> = {
  calms21: 1,
  'deeplabcut-csv': 2, // 2: (0, 0) is missing
  'deeplabcut-h5': 2,
  'sleap-h5': 1,
  numpy: 1,
};

/** The same for formats of annotations; those that are not here are at their first. */
const ANNOTATION_VERSIONS: Readonly<Record<string, number>> = {
  'frames-csv': 2, // 2: where the lines are the frames, one without text is a frame too
};

export interface ImportOptions {
  /** What paths in the settings are relative to. */
  readonly baseFolder: string;
  /** Replace the data set at the same place, also a different one. */
  readonly overwrite: boolean;
  readonly onProgress?: (progress: ImportProgress) => void;
}

/** How far an import has come; bytes of the source files. */
export interface ImportProgress {
  /** `check`: the checksums of the files are made; `read`: recordings are read and written. */
  readonly phase: 'check' | 'read';
  readonly file: string;
  readonly bytesRead: number;
  readonly bytesTotal: number;
  readonly recordings: number;
  readonly frames: number;
}

export interface ImportResult extends WriteResult {
  /** What a person should know: missing files, unused keypoints, frames cut off. Empty where `present`. */
  readonly notes: readonly string[];
}

/** What a format makes of its settings: the files it reads, and the recordings in them. */
export interface ImportSource {
  readonly files: readonly string[];
  /** Reads the recordings; `files` are reported through `readFile` and `readWhole`. Notes are added while reading. */
  open(context: ImportContext): DatasetSource;
  readonly notes: string[];
}

export interface ImportContext {
  /** The bytes of a source file, or of a file in a zip archive, counted for the progress. */
  readFile(path: string, zipEntry?: string): AsyncIterable<Uint8Array>;
  /** What `read` makes of a source file that it opens by itself; counted when it has. */
  readWhole<Result>(path: string, read: () => Promise<Result>): Promise<Result>;
  /** Source entry of a recording. */
  sourceOf(path: string): { file: string; sha256: string };
}

/**
 * Reads recordings of any known format into a data set folder. The same files and settings a second time are found
 * `present` after their checksums were made. Throws a UserError for anything wrong, and then leaves nothing.
 */
export async function importDataset(
  settings: ImportSettings,
  folder: string,
  options: ImportOptions,
): Promise<ImportResult> {
  const source = await openSource(settings, options.baseFolder);
  const progress = trackProgress(source.files, options);
  const hashes = new Map<string, string>();
  for (const path of source.files) {
    progress.start('check', path);
    hashes.set(path, await hashFile(path));
    progress.add(statSync(path).size);
  }
  const sourceOf = (path: string) => ({
    file: displayPath(path, options.baseFolder),
    sha256: hashes.get(path) as string,
  });
  progress.restart();
  const dataset = source.open({
    sourceOf,
    async *readFile(path, zipEntry) {
      progress.start('read', path);
      if (zipEntry === undefined) yield* readChunks(path, progress.add);
      else yield* readZipEntry(path, zipEntry, progress.add);
    },
    async readWhole(path, read) {
      progress.start('read', path);
      const result = await read();
      progress.add(statSync(path).size);
      return result;
    },
  });
  const result = await writeDataset(folder, dataset, {
    overwrite: options.overwrite,
    origin: nameOrigin(settings, source.files.map(sourceOf)),
    onProgress: ({ recordings, frames }) => progress.count(recordings, frames),
  });
  return { ...result, notes: result.status === 'written' ? source.notes : [] };
}

async function openSource(settings: ImportSettings, baseFolder: string): Promise<ImportSource> {
  return settings.format === 'calms21'
    ? openCalms21Source(settings, baseFolder)
    : openPoseSource(settings, baseFolder);
}

/** Settings that came after the first data sets, at the values that leave those as they are. */
const LATER_SETTINGS: Readonly<Record<string, unknown>> = { camera: null, fillGapFrames: 0 };

/** A hash of what the data set is made from; where the files lie doesn't matter. */
function nameOrigin(settings: ImportSettings, sources: readonly { file: string; sha256: string }[]): string {
  const annotations = 'annotations' in settings ? settings.annotations : [];
  const versions = annotations.flatMap(({ format }) => ANNOTATION_VERSIONS[format] ?? []);
  const content = {
    IMPORT_VERSION: IMPORT_VERSIONS[settings.format],
    ...(versions.length > 0 && { ANNOTATION_VERSIONS: versions }),
    ...{ settings, sources },
  };
  const text = JSON.stringify(content, (key, value) =>
    key === 'files' || value === LATER_SETTINGS[key] ? undefined : value,
  );
  return createHash('sha256').update(text).digest('hex');
}

function trackProgress(files: readonly string[], options: ImportOptions) {
  const bytesTotal = files.reduce((sum, path) => sum + statSync(path).size, 0);
  let state: ImportProgress = {
    phase: 'check',
    file: '',
    bytesRead: 0,
    bytesTotal,
    recordings: 0,
    frames: 0,
  };
  const change = (changes: Partial<ImportProgress>) => {
    state = { ...state, ...changes };
    options.onProgress?.(state);
  };
  return {
    start: (phase: ImportProgress['phase'], path: string) =>
      change({ phase, file: displayPath(path, options.baseFolder) }),
    add: (bytes: number) => change({ bytesRead: state.bytesRead + bytes }),
    count: (recordings: number, frames: number) => change({ recordings, frames }),
    restart: () => {
      state = { ...state, bytesRead: 0 };
    },
  };
}
