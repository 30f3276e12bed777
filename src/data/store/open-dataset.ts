import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../errors.js';
import { UNANNOTATED } from '../pose.js';
import { type ArrayFile, assertLittleEndian, DESCRIPTION_FILE, layOutArrays } from './array-files.js';
import { assertRecordingId, checkHeader } from './check-recording.js';
import type { Dataset, RecordingEntry } from './dataset.js';
import { type Description, parseDescription } from './description.js';

/**
 * Opens a data set folder: reads its description and checks the sizes of its arrays (checksums: `verifyDataset`).
 * Takes milliseconds, holds three file descriptors until `close()`. Throws a UserError where the folder is absent,
 * damaged or of another version.
 */
export function openDataset(folder: string): Dataset {
  assertLittleEndian();
  const { description, hash } = readDescription(folder);
  const { header, recordings } = description;
  const animalCount = header.animals.names.length;
  const keypointCount = header.skeleton.keypoints.length;
  const points = animalCount * keypointCount;
  const offsets = layOutArrays(recordings, animalCount, keypointCount);
  const open: number[] = [];
  const openArray = (file: ArrayFile) => {
    const descriptor = openArrayFile(folder, file, offsets.sizes[file]);
    open.push(descriptor);
    return descriptor;
  };
  let [pose, scores, labels] = [-1, -1, -1];
  try {
    pose = openArray('pose.f32');
    scores = openArray('scores.f32');
    labels = openArray('labels.i16');
  } catch (error) {
    for (const descriptor of open) closeSync(descriptor);
    throw error;
  }
  let isOpen = true;
  const entryAt = (recording: number, start: number, stop: number): RecordingEntry => {
    if (!isOpen) throw new Error(`${folder} was closed`);
    const entry = recordings[recording];
    if (!entry) throw new RangeError(`recording ${recording} of ${recordings.length}`);
    if (
      !(
        Number.isInteger(start) &&
        Number.isInteger(stop) &&
        0 <= start &&
        start <= stop &&
        stop <= entry.frames
      )
    )
      throw new RangeError(`frames [${start}, ${stop}) of ${entry.id}, which has ${entry.frames}`);
    return entry;
  };
  return {
    folder,
    header,
    recordings,
    hash,
    readPose(recording, start, stop) {
      entryAt(recording, start, stop);
      const values = new Float32Array((stop - start) * points * 2);
      readExactly(pose, values, offsets.pose[recording] + start * points * 8, folder);
      return values;
    },
    readScores(recording, start, stop) {
      const values = new Float32Array((stop - start) * points);
      if (!entryAt(recording, start, stop).hasScores) return values.fill(1);
      readExactly(scores, values, offsets.scores[recording] + start * points * 4, folder);
      return values;
    },
    readLabels(recording, track, start, stop) {
      const entry = entryAt(recording, start, stop);
      const values = new Int16Array(stop - start);
      const slot = entry.tracks.indexOf(track);
      if (slot < 0) return values.fill(UNANNOTATED);
      readExactly(labels, values, offsets.labels[recording] + (slot * entry.frames + start) * 2, folder);
      return values;
    },
    close() {
      if (isOpen) for (const descriptor of open) closeSync(descriptor);
      isOpen = false;
    },
  };
}

/** Reads and checks `dataset.json`; the hash is that of its bytes. */
export function readDescription(folder: string): { description: Description; hash: string } {
  const path = join(folder, DESCRIPTION_FILE);
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const what =
      code === 'ENOENT'
        ? `${folder} is no data set: ${DESCRIPTION_FILE} is not there`
        : `${path} cannot be read: ${message}`;
    throw new UserError('data', what, {
      hint: 'Make one first: `whisker data import` with settings that name it as `out`, or `whisker data simulate --store`.',
      cause,
    });
  }
  const description = parseDescription(bytes.toString('utf8'), path);
  checkDescription(description, path);
  return { description, hash: createHash('sha256').update(bytes).digest('hex') };
}

/** What the schema can't say: names and indices refer to something, ids are usable and unique. */
function checkDescription({ header, recordings }: Description, path: string): void {
  try {
    checkHeader(header);
    const tracks = new Set(header.tracks.map(({ name }) => name));
    const ids = new Set<string>();
    for (const recording of recordings) {
      assertRecordingId(recording.id);
      const unknown = recording.tracks.find((name) => !tracks.has(name));
      if (unknown !== undefined)
        throw new UserError('data', `${recording.id} has an unknown track ${unknown}`);
      if (ids.has(recording.id)) throw new UserError('data', `recording ${recording.id} is there twice`);
      ids.add(recording.id);
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError('data', `${path}: ${error.message}`, {
      hint: 'The data set folder is damaged; import it again.',
    });
  }
}

function openArrayFile(folder: string, file: ArrayFile, sizeBytes: number): number {
  const path = join(folder, file);
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (cause) {
    throw new UserError('data', `${path} cannot be opened: ${(cause as Error).message}`, {
      hint: 'The data set folder is damaged; import it again.',
      cause,
    });
  }
  const size = fstatSync(descriptor).size;
  if (size !== sizeBytes) {
    closeSync(descriptor);
    throw new UserError('data', `${path}: expected ${sizeBytes} bytes, got ${size}`, {
      hint: 'The data set folder is damaged; import it again.',
    });
  }
  return descriptor;
}

function readExactly(
  descriptor: number,
  into: Float32Array | Int16Array,
  position: number,
  folder: string,
): void {
  for (let done = 0; done < into.byteLength; ) {
    const count = readSync(descriptor, into, done, into.byteLength - done, position + done);
    if (count === 0) throw new UserError('data', `${folder} became shorter while it was open`);
    done += count;
  }
}
