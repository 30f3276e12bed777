import { seededRandom } from '../../random.js';
import { groupsOfFile, inferCalms21File, partOfGroup, TASK_3_BEHAVIOURS } from '../formats/calms21-layout.js';
import type { TrackDeclaration } from '../pose.js';
import { SESSION_SHARES } from './behaviour-statistics.js';
import type { Calms21Sizes, SubsetSize } from './calms21-sizes.js';
import { EMPHASIS } from './constants.js';
import { drawKey } from './draw.js';
import type { RecordingSpec, SimulatedTrack } from './simulate-recording.js';
import { SESSION_TYPES, type SessionType, type TaskThreeBehaviour } from './vocabulary.js';

/** What names a simulated data set: the same values give the same bits. */
export interface Calms21Options {
  readonly seed: number;
  readonly sizes: Calms21Sizes;
  /** Share of points that are missing (NaN); CalMS21 itself has none. */
  readonly missingShare: number;
}

/** A group of a file with the recordings that belong there. */
export interface PlannedGroup {
  readonly name: string;
  /** Undefined in unlabelled files, which have neither `annotations` nor `metadata`. */
  readonly labelled: { readonly annotatorId: number; readonly track: TrackDeclaration } | undefined;
  readonly recordings: readonly RecordingSpec[];
}

export interface PlannedFile {
  readonly name: string;
  readonly groups: readonly PlannedGroup[];
}

/** The shortest recording, as short as CalMS21's shortest sequences allow. */
const SHORTEST_FRAMES = 48;

/** Files, groups and recordings of a simulated CalMS21: names and lengths, nothing simulated yet. */
export function planCalms21(options: Calms21Options): PlannedFile[] {
  const { sizes } = options;
  const unlabelled = planRecordings(options, 'unlabelled', sizes.unlabelled, unlabelledId, [], null);
  const { parts } = sizes.unlabelled;
  const files: PlannedFile[] = Array.from({ length: parts }, (_, part) => {
    const from = Math.ceil((part * unlabelled.length) / parts);
    const recordings = unlabelled.slice(from, Math.ceil(((part + 1) * unlabelled.length) / parts));
    return {
      name: `calms21_unlabeled_videos_part${part + 1}.json`,
      groups: [{ name: 'unlabeled_videos', labelled: undefined, recordings }],
    };
  });
  for (const task of [1, 2, 3]) {
    for (const split of ['train', 'test'] as const) {
      files.push(planTask(options, `calms21_task${task}_${split}.json`, split));
    }
  }
  return files;
}

/** The frames of all recordings. */
export function countFrames(files: readonly PlannedFile[]): number {
  const recordings = files.flatMap(({ groups }) => groups.flatMap((group) => group.recordings));
  return recordings.reduce((sum, { frames }) => sum + frames, 0);
}

function planTask(options: Calms21Options, name: string, split: 'train' | 'test'): PlannedFile {
  const { sizes } = options;
  const file = inferCalms21File(name);
  if (file === undefined) {
    throw new Error(`${name} is not a name of CalMS21`);
  }
  const groups = groupsOfFile(file).map((group, order): PlannedGroup => {
    const part = partOfGroup(file, group);
    if (part?.track === undefined) {
      throw new Error(`${name} has no group ${group}`);
    }
    const behaviour = (TASK_3_BEHAVIOURS as readonly string[]).includes(group)
      ? (group as TaskThreeBehaviour)
      : null;
    const annotatorId = file.task === 2 ? order + 1 : 0;
    const both = file.task === 1 ? sizes.task1 : behaviour ? sizes.task3[behaviour] : sizes.task2[order];
    const track = {
      name: part.track.name,
      ...(behaviour ? { behaviour } : { annotator: annotatorId }),
    } as SimulatedTrack;
    // Mice are counted through train and test: task1/train/mouse001_task1_annotator1, task1/test/mouse071_...
    const first = split === 'train' ? 1 : 1 + both.train.recordings;
    const suffix = file.task === 1 ? 'task1_annotator1' : part.track.name.replace('/', '_');
    const id = (index: number) => `${part.subset}/${mouse(first + index)}_${suffix}`;
    const recordings = planRecordings(options, part.subset, both[split], id, [track], behaviour);
    return { name: group, labelled: { annotatorId, track: part.track }, recordings };
  });
  return { name, groups };
}

function planRecordings(
  { seed, sizes, missingShare }: Calms21Options,
  subset: string,
  size: SubsetSize,
  id: (index: number) => string,
  tracks: readonly SimulatedTrack[],
  emphasis: TaskThreeBehaviour | null,
): RecordingSpec[] {
  return divideFrames(seed, subset, size, sizes.lengthSpread).map((frames, index) => ({
    seed,
    subset,
    index,
    id: id(index),
    frames,
    tracks,
    session: (emphasis && EMPHASIS[emphasis].session) ?? pickSession(seed, subset, index),
    emphasis,
    missingShare,
  }));
}

/** Divides the frames of a subset among its recordings: lognormal shares, the sum exact. */
function divideFrames(seed: number, subset: string, size: SubsetSize, spread: number): number[] {
  const { recordings, frames } = size;
  const random = seededRandom(seed, 'simulate', subset, 'lengths');
  const shares = Array.from({ length: recordings }, () => Math.exp(spread * random.normal()));
  const total = shares.reduce((sum, share) => sum + share, 0);
  const spare = frames - recordings * SHORTEST_FRAMES;
  const lengths = shares.map((share) => SHORTEST_FRAMES + Math.floor((spare * share) / total));
  lengths[0] += frames - lengths.reduce((sum, length) => sum + length, 0);
  return lengths;
}

function unlabelledId(index: number): string {
  return `unlabeled_videos/${mouse(index + 1)}_unlabeled`;
}

function mouse(number: number): string {
  return `mouse${String(number).padStart(3, '0')}`;
}

/**
 * Session types in the proportions of CalMS21 (`SESSION_SHARES`). The first two recordings of a subset are a mating
 * and a fighting one, so that a small subset has every class too; the rest is drawn.
 */
function pickSession(seed: number, subset: string, index: number): SessionType {
  if (index < 2) {
    return index === 0 ? 'mating' : 'fighting';
  }
  return drawKey(seededRandom(seed, 'simulate', subset, index, 'type'), SESSION_SHARES, SESSION_TYPES);
}
