import { UserError } from '../../errors.js';
import { type Labels, MOUSE_SKELETON, type Recording, type TrackDeclaration } from '../pose.js';
import { assertRecordingId } from '../store/check-recording.js';
import { ByteScanner, type ScanError } from './byte-scanner.js';
import { type Calms21File, groupsOfFile, partOfGroup } from './calms21-layout.js';
import { type ScannedSequence, type ScanPlace, type SequenceArray, scanSequences } from './calms21-scan.js';
import { toFloat32 } from './npy.js';
import { type PickledValue, parsePickledNpy } from './numpy-pickle.js';
import { drainScan } from './scan.js';

/** Videos were taken at 30 frames per second (Sun et al. 2021). */
const CALMS21_FRAMES_PER_SECOND = 30;

const KEYPOINTS = MOUSE_SKELETON.keypoints.length;
const ANIMALS = 2;

/** Arrays of a sequence and the shape behind the frame: keypoints are [frame, animal, space, keypoint]. */
const FIELDS = { keypoints: [ANIMALS, 2, KEYPOINTS], scores: [ANIMALS, KEYPOINTS], annotations: [] };

/**
 * Reads the recordings of one CalMS21 JSON file of any size, one at a time.
 *
 * @param chunks the bytes of the file, see `readChunks`
 * @param path names the file in errors
 * @param file what it holds: task and split
 * @throws UserError naming file, recording and byte for anything that isn't CalMS21
 */
export async function* readCalms21(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  file: Calms21File,
): AsyncGenerator<Recording, void> {
  for await (const sequence of readSequences(chunks, path, FIELDS)) yield toRecording(sequence, path, file);
}

/**
 * Reads the recordings of a file that the official script made of a JSON file (`calms21_convert_to_npy.py`): a
 * pickled dictionary, which is read without running it. `bytes` is the whole file.
 */
export function* readCalms21Npy(
  bytes: Uint8Array,
  path: string,
  file: Calms21File,
): Generator<Recording, void> {
  const groups = expectMap(parsePickledNpy(bytes, path), path);
  for (const [group, sequences] of groups)
    for (const [id, fields] of expectMap(sequences, path)) {
      const place = { group: String(group), id: String(id), endOffset: bytes.length };
      assertRecordingId(place.id);
      const arrays = new Map<string, SequenceArray>();
      const values = expectMap(fields, path);
      for (const [name, inner] of Object.entries(FIELDS)) {
        const array = values.get(name);
        if (array === undefined) continue;
        const isArray = typeof array === 'object' && array !== null && 'shape' in array;
        if (!isArray || array.shape.slice(1).join() !== inner.join())
          throw wrong(
            path,
            { ...place, arrays, metadata: undefined },
            `has ${name} of shape (${isArray ? array.shape.join(', ') : '?'}), expected (${['frames', ...inner].join(', ')})`,
          );
        arrays.set(name, { values: toFloat32(array), length: array.data.length, count: array.shape[0] });
      }
      const metadata = values.get('metadata');
      yield toRecording({ ...place, arrays, metadata: toObject(metadata) }, path, file);
    }
}

function expectMap(value: PickledValue | undefined, path: string): ReadonlyMap<PickledValue, PickledValue> {
  if (value instanceof Map) return value;
  throw new UserError('data', `${path}: expected a dictionary of groups, sequences and their arrays`);
}

function toObject(value: PickledValue | undefined): unknown {
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([key, item]) => [String(key), toObject(item as PickledValue)]));
}

/** One sequence of a `taskprog_features_*` file: features of the task-programming baseline (Sun et al. 2021). */
export interface TaskprogFeatures {
  readonly group: string;
  readonly id: string;
  readonly frames: number;
  /** [frame, 32] */
  readonly features: Float32Array;
}

/** Reads the features that CalMS21 publishes beside the poses, one sequence at a time. */
export async function* readTaskprogFeatures(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
): AsyncGenerator<TaskprogFeatures, void> {
  for await (const sequence of readSequences(chunks, path, { features: [32] })) {
    const { group, id } = sequence;
    const features = requireArray(sequence, 'features', path);
    yield { group, id, frames: features.count, features: features.values.slice(0, features.length) };
  }
}

async function* readSequences(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  fields: Readonly<Record<string, readonly number[]>>,
): AsyncGenerator<ScannedSequence, void> {
  const scanner = new ByteScanner();
  const place: ScanPlace = { group: '', id: '', field: '' };
  const explain = (error: ScanError) => {
    const where = [place.id && `recording ${place.id}`, place.field, `byte ${error.offset}`].filter(Boolean);
    return new UserError('data', `${path}, ${where.join(', ')}: ${error.message}`, {
      hint: 'Is the file complete and in the JSON layout of CalMS21? Compare its size and checksum with the archive.',
    });
  };
  const ids = new Set<string>();
  for await (const sequence of drainScan(scanner, scanSequences(scanner, fields, place), chunks, explain)) {
    try {
      assertRecordingId(sequence.id);
    } catch (error) {
      throw new UserError('data', `${path}, group ${sequence.group}: ${(error as Error).message}`);
    }
    if (ids.has(sequence.id)) throw wrong(path, sequence, 'is there twice');
    ids.add(sequence.id);
    yield sequence;
  }
  if (ids.size === 0) throw new UserError('data', `${path} holds no recordings`);
}

function toRecording(sequence: ScannedSequence, path: string, file: Calms21File): Recording {
  const part = partOfGroup(file, sequence.group);
  if (!part)
    throw wrong(path, sequence, `is in group ${sequence.group}, expected ${groupsOfFile(file).join(', ')}`, {
      hint: 'Does the file name say the right task? Task and split can be given explicitly.',
    });
  const keypoints = requireArray(sequence, 'keypoints', path);
  const scores = sequence.arrays.get('scores');
  const frames = keypoints.count;
  if (frames === 0) throw wrong(path, sequence, 'has no frames');
  if (scores && scores.count !== frames)
    throw wrong(path, sequence, `has ${frames} frames of keypoints, but ${scores.count} of scores`);
  const labels = new Map<string, Labels>();
  if (part.track) labels.set(part.track.name, readAnnotations(sequence, frames, part.track, path));
  return {
    id: sequence.id,
    subset: part.subset,
    frames,
    framesPerSecond: CALMS21_FRAMES_PER_SECOND,
    pose: turnAxes(keypoints.values, frames),
    ...(scores && { scores: checkScores(scores, sequence, path) }),
    labels,
  };
}

/** [frame, animal, space, keypoint] to [frame, animal, keypoint, space]; a point with one coordinate is missing. */
function turnAxes(values: Float32Array, frames: number): Float32Array {
  const pose = new Float32Array(frames * ANIMALS * KEYPOINTS * 2);
  for (let body = 0; body < frames * ANIMALS; body++) {
    const start = body * KEYPOINTS * 2;
    for (let keypoint = 0; keypoint < KEYPOINTS; keypoint++) {
      const x = values[start + keypoint];
      const y = values[start + KEYPOINTS + keypoint];
      const isMissing = Number.isNaN(x) || Number.isNaN(y);
      pose[start + 2 * keypoint] = isMissing ? Number.NaN : x;
      pose[start + 2 * keypoint + 1] = isMissing ? Number.NaN : y;
    }
  }
  return pose;
}

function checkScores(scores: SequenceArray, sequence: ScannedSequence, path: string): Float32Array {
  const values = scores.values.slice(0, scores.length);
  const at = values.findIndex((score) => !(score >= 0 && score <= 1));
  if (at >= 0) {
    const frame = Math.floor(at / (ANIMALS * KEYPOINTS));
    throw wrong(path, sequence, `frame ${frame}: expected scores in [0, 1], got ${values[at]}`);
  }
  return values;
}

/** The file's numbers are those of its own `metadata.vocab`; ours are indices into the track's vocabulary. */
function readAnnotations(
  sequence: ScannedSequence,
  frames: number,
  track: TrackDeclaration,
  path: string,
): Labels {
  const annotations = requireArray(sequence, 'annotations', path);
  if (annotations.count !== frames)
    throw wrong(path, sequence, `has ${frames} frames of keypoints, but ${annotations.count} of annotations`);
  const classOfNumber = readVocabulary(sequence, track, path);
  const labels = new Int16Array(frames);
  for (let frame = 0; frame < frames; frame++) {
    const label = classOfNumber.get(annotations.values[frame]);
    if (label === undefined)
      throw wrong(
        path,
        sequence,
        `frame ${frame}: label ${annotations.values[frame]} is not in the vocabulary ` +
          `(${[...classOfNumber].map(([number, index]) => `${number} ${track.vocabulary[index]}`).join(', ')})`,
      );
    labels[frame] = label;
  }
  return labels;
}

function readVocabulary(
  sequence: ScannedSequence,
  track: TrackDeclaration,
  path: string,
): Map<number, number> {
  const vocab = (sequence.metadata as { vocab?: unknown } | null | undefined)?.vocab;
  if (vocab === undefined) return new Map(track.vocabulary.map((_, index) => [index, index]));
  const entries = typeof vocab === 'object' && vocab !== null ? Object.entries(vocab) : [];
  const names = entries.map(([name]) => name);
  const isSame =
    names.length === track.vocabulary.length && names.every((name) => track.vocabulary.includes(name));
  if (!isSame || new Set(entries.map(([, number]) => number)).size !== entries.length)
    throw wrong(
      path,
      sequence,
      `has the vocabulary ${JSON.stringify(vocab).slice(0, 200)}, expected the classes ${track.vocabulary.join(', ')}`,
    );
  return new Map(entries.map(([name, number]) => [number as number, track.vocabulary.indexOf(name)]));
}

function requireArray(sequence: ScannedSequence, field: string, path: string): SequenceArray {
  const array = sequence.arrays.get(field);
  if (!array) throw wrong(path, sequence, `has no ${field}`);
  return array;
}

function wrong(
  path: string,
  sequence: ScannedSequence,
  what: string,
  options: { hint?: string } = {},
): UserError {
  const where = `${path}, recording ${sequence.id} (ends at byte ${sequence.endOffset})`;
  return new UserError('data', `${where} ${what}`, options);
}
