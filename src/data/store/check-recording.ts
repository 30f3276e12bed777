import { UserError } from '../../errors.js';
import type { DatasetHeader, Recording } from '../pose.js';
import { UNANNOTATED } from '../pose.js';

/** Throws unless the header's indices are in range and its names unique. */
export function checkHeader(header: DatasetHeader): void {
  const { keypoints, edges, mirrorPairs, front, back } = header.skeleton;
  assertUnique(keypoints, 'keypoint');
  assertUnique(header.animals.names, 'animal');
  assertUnique(
    header.tracks.map((track) => track.name),
    'track',
  );
  for (const track of header.tracks) assertUnique(track.vocabulary, `class of track ${track.name}`);
  for (const index of [...edges.flat(), ...mirrorPairs.flat(), ...front, ...back])
    if (!Number.isInteger(index) || index < 0 || index >= keypoints.length)
      throw new UserError(
        'data',
        `${header.name}: the skeleton refers to keypoint ${index}, but there are ${keypoints.length}`,
      );
}

/**
 * Throws unless the recording can be stored under `header`: lengths that agree, finite coordinates or both
 * missing, scores in [0, 1], labels inside the vocabulary.
 */
export function checkRecording(recording: Recording, header: DatasetHeader): void {
  const { id, frames } = recording;
  assertRecordingId(id);
  const points = header.animals.names.length * header.skeleton.keypoints.length;
  if (!Number.isInteger(frames) || frames < 1) fail(id, `has ${frames} frames, needs at least 1`);
  if (!(recording.framesPerSecond > 0) || !Number.isFinite(recording.framesPerSecond))
    fail(id, `framesPerSecond must be above 0, got ${recording.framesPerSecond}`);
  if (recording.subset === '') fail(id, 'has no subset');
  assertLength(id, 'pose', recording.pose.length, frames * points * 2);
  checkPose(id, recording.pose, points);
  if (recording.scores) {
    assertLength(id, 'scores', recording.scores.length, frames * points);
    const wrong = recording.scores.findIndex((score) => !(score >= 0 && score <= 1));
    if (wrong >= 0)
      fail(id, `frame ${Math.floor(wrong / points)}: score ${recording.scores[wrong]} is outside [0, 1]`);
  }
  for (const [track, labels] of recording.labels) {
    const declaration = header.tracks.find((candidate) => candidate.name === track);
    if (!declaration) fail(id, `has labels of track ${track}, which the data set does not declare`);
    assertLength(id, `labels of track ${track}`, labels.length, frames);
    const classCount = declaration.vocabulary.length;
    const wrong = labels.findIndex((label) => label !== UNANNOTATED && (label < 0 || label >= classCount));
    if (wrong >= 0)
      fail(
        id,
        `frame ${wrong}: label ${labels[wrong]} of track ${track} is outside its ${classCount} classes`,
      );
  }
}

/** Ids become parts of paths and keys in other rooms, so they are plain relative names: `a/b/c`. */
export function assertRecordingId(id: string): void {
  const parts = id.split('/');
  const isPlain = parts.every((part) => part !== '' && part !== '.' && part !== '..' && part !== '__proto__');
  if (!isPlain || /[\p{Cc}\\:]/u.test(id) || id.length > 512)
    throw new UserError('data', `${JSON.stringify(id.slice(0, 200))} is not a usable recording id`, {
      hint: 'Ids are names such as task1/train/mouse001: no "..", no empty parts, no backslash or colon.',
    });
}

function checkPose(id: string, pose: Float32Array, points: number): void {
  for (let at = 0; at < pose.length; at += 2) {
    const [x, y] = [pose[at], pose[at + 1]];
    // x - x is 0 for finite numbers only
    if (x - x + (y - y) !== 0 && !(Number.isNaN(x) && Number.isNaN(y)))
      fail(
        id,
        `frame ${Math.floor(at / (2 * points))}: point ${(at / 2) % points} is (${x}, ${y}); ` +
          'both coordinates must be finite or both missing',
      );
  }
}

function assertLength(id: string, what: string, got: number, expected: number): void {
  if (got !== expected) fail(id, `${what}: expected ${expected} values, got ${got}`);
}

function assertUnique(names: readonly string[], what: string): void {
  const repeated = names.find((candidate, at) => names.indexOf(candidate) !== at);
  if (repeated !== undefined) throw new UserError('data', `the ${what} ${repeated} is declared twice`);
}

function fail(id: string, message: string): never {
  throw new UserError('data', `recording ${id}: ${message}`);
}
