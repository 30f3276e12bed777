import { UserError } from '../../errors.js';

/** What a tracker's file holds, under the tracker's own names and in its own order. */
export interface TrackedPoses {
  readonly animals: readonly string[];
  readonly keypoints: readonly string[];
  readonly frames: number;
  /** [frame, animal, keypoint, space] in pixels; NaN where missing. */
  readonly pose: Float32Array;
  /** [frame, animal, keypoint]; 0 where missing. Absent where the tracker gave no scores. */
  readonly scores?: Float32Array;
}

/**
 * Makes points at exactly (0, 0) missing, in place: trackers write that for points that they have lost, and no part
 * of an animal lies on the corner of the picture to the last digit. `pose`: [..., space]
 */
export function forgetOrigin(pose: Float32Array): Float32Array {
  for (let at = 0; at < pose.length; at += 2)
    if (pose[at] === 0 && pose[at + 1] === 0) pose.fill(Number.NaN, at, at + 2);
  return pose;
}

/** Which of a file's animals and keypoints to keep, in which order. */
export interface Arrangement {
  readonly animals: readonly string[];
  readonly keypoints: readonly string[];
  /** The file's names of animals to ours, where they differ. */
  readonly renameAnimals: Readonly<Record<string, string>>;
  /** The file's names of keypoints to ours, where they differ. */
  readonly renameKeypoints: Readonly<Record<string, string>>;
  /** Points with a lower score are missing. */
  readonly minimalScore: number;
}

/** Poses under our names and order, and what of the file was left out. */
export interface ArrangedPoses {
  readonly pose: Float32Array;
  readonly scores?: Float32Array;
  readonly unusedAnimals: readonly string[];
  readonly unusedKeypoints: readonly string[];
}

/**
 * Picks and orders animals and keypoints. Throws a UserError with the names of both sides and a proposal where one
 * is not in the file. `path` names the file.
 */
export function arrangePoses(tracked: TrackedPoses, arrangement: Arrangement, path: string): ArrangedPoses {
  const { minimalScore } = arrangement;
  const animals = matchNames(tracked.animals, arrangement.animals, arrangement.renameAnimals, 'animal', path);
  const keypoints = matchNames(
    tracked.keypoints,
    arrangement.keypoints,
    arrangement.renameKeypoints,
    'keypoint',
    path,
  );
  const points = animals.picked.length * keypoints.picked.length;
  const pose = new Float32Array(tracked.frames * points * 2);
  const scores = tracked.scores && new Float32Array(tracked.frames * points);
  let to = 0;
  for (let frame = 0; frame < tracked.frames; frame++)
    for (const animal of animals.picked)
      for (const keypoint of keypoints.picked) {
        const from = (frame * tracked.animals.length + animal) * tracked.keypoints.length + keypoint;
        const score = tracked.scores?.[from] ?? 1;
        const [x, y] = [tracked.pose[2 * from], tracked.pose[2 * from + 1]];
        const isMissing = Number.isNaN(x) || Number.isNaN(y) || score < minimalScore;
        pose[2 * to] = isMissing ? Number.NaN : x;
        pose[2 * to + 1] = isMissing ? Number.NaN : y;
        if (scores) scores[to] = score;
        to++;
      }
  return {
    pose,
    ...(scores && { scores }),
    unusedAnimals: animals.unused,
    unusedKeypoints: keypoints.unused,
  };
}

function matchNames(
  inFile: readonly string[],
  wanted: readonly string[],
  rename: Readonly<Record<string, string>>,
  what: string,
  path: string,
): { picked: number[]; unused: string[] } {
  const renamed = inFile.map((name) => (Object.hasOwn(rename, name) ? rename[name] : name));
  const missing = wanted.filter((name) => !renamed.includes(name));
  if (missing.length > 0) {
    const unused = inFile.filter((_, index) => !wanted.includes(renamed[index]));
    const proposals = missing.flatMap((name) => {
      const near = proposeName(name, unused);
      return near === undefined ? [] : [`${near}: ${name}`];
    });
    throw new UserError(
      'data',
      `${path} has no ${what} ${missing.join(', ')}\n  in the file: ${inFile.join(', ')}\n  expected:    ${wanted.join(', ')}`,
      {
        hint:
          proposals.length > 0
            ? `Did you mean rename: { ${proposals.join(', ')} }? If so, say it in the settings.`
            : `Name the ${what}s as the file does, or give a rename from its names to yours.`,
      },
    );
  }
  for (const name of wanted) {
    const doubled = inFile.filter((_, index) => renamed[index] === name);
    if (doubled.length > 1)
      throw new UserError('data', `${path}: ${doubled.join(' and ')} would both be ${what} ${name}`, {
        hint: 'Correct the rename in the settings.',
      });
  }
  return {
    picked: wanted.map((name) => renamed.indexOf(name)),
    unused: inFile.filter((_, index) => !wanted.includes(renamed[index])),
  };
}

/** The candidate that most likely means the same; undefined where none is near. */
export function proposeName(name: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(plain(name).length / 2));
  for (const candidate of candidates) {
    const [one, other] = [plain(name), plain(candidate)];
    const isPart = one !== '' && other !== '' && (one.includes(other) || other.includes(one));
    const distance = one === other ? -1 : isPart ? 0 : editDistance(one, other);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function plain(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replace(/base|centre|center/g, '');
}

/** Levenshtein's distance. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++)
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1));
    row = next;
  }
  return row[other.length];
}
