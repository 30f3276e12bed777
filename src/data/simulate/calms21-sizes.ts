import { TASK_3_BEHAVIOURS } from '../formats/calms21-layout.js';
import { LENGTH_SPREAD } from './behaviour-statistics.js';
import type { TaskThreeBehaviour } from './vocabulary.js';

/** How much of a subset there is: `frames` over all its recordings, whose lengths vary. */
export interface SubsetSize {
  readonly recordings: number;
  readonly frames: number;
}

export interface SplitSizes {
  readonly train: SubsetSize;
  readonly test: SubsetSize;
}

/** Sizes of a simulated CalMS21. */
export interface Calms21Sizes {
  /** Standard deviation of the log of a recording's frames within its subset. */
  readonly lengthSpread: number;
  /** The unlabelled recordings, dealt in order to so many files. */
  readonly unlabelled: SubsetSize & { readonly parts: number };
  readonly task1: SplitSizes;
  /** Annotators 1 to 5. */
  readonly task2: readonly SplitSizes[];
  readonly task3: Readonly<Record<TaskThreeBehaviour, SplitSizes>>;
}

/**
 * `tiny`: all files, for tests (3,000 frames). `quickstart`: enough to learn from within minutes (about 153,000
 * frames, 128 MB of compact JSON). `calms21`: the frames of the real data set (Sun et al. 2021), 9.3 million.
 */
export const CALMS21_SIZES: Readonly<Record<'tiny' | 'quickstart' | 'calms21', Calms21Sizes>> = {
  tiny: {
    lengthSpread: 0.3,
    unlabelled: { parts: 1, recordings: 2, frames: 400 },
    task1: split([2, 500], [1, 200]),
    task2: Array.from({ length: 5 }, () => split([1, 100], [1, 100])),
    task3: eachBehaviour(() => split([1, 60], [1, 60])),
  },
  quickstart: {
    lengthSpread: 0.3,
    unlabelled: { parts: 1, recordings: 24, frames: 50_000 },
    task1: split([14, 20_000], [8, 12_000]),
    task2: Array.from({ length: 5 }, () => split([3, 3300], [3, 3300])),
    task3: eachBehaviour(() => split([3, 2700], [3, 2700])),
  },
  calms21: {
    lengthSpread: LENGTH_SPREAD,
    unlabelled: { parts: 4, recordings: 282, frames: 6_000_000 },
    task1: split([70, 507_738], [19, 262_107]),
    task2: [
      realSplit(139_122, 286_810),
      realSplit(135_623, 150_919),
      realSplit(107_420, 77_079),
      realSplit(108_325, 76_174),
      realSplit(92_383, 364_007),
    ],
    task3: {
      approach: realSplit(20_624, 126_468),
      disengaged: realSplit(35_751, 19_088),
      groom: realSplit(45_174, 156_664),
      intromission: realSplit(19_200, 55_218),
      mount_attempt: realSplit(46_847, 85_836),
      sniff_face: realSplit(19_244, 251_793),
      whiterearing: realSplit(36_181, 17_939),
    },
  },
};

function split(
  train: readonly [recordings: number, frames: number],
  test: readonly [number, number],
): SplitSizes {
  return {
    train: { recordings: train[0], frames: train[1] },
    test: { recordings: test[0], frames: test[1] },
  };
}

/** Only the frames of these subsets are known; the recordings are as many as at five minutes each. */
function realSplit(train: number, test: number): SplitSizes {
  const recordings = (frames: number) => Math.max(1, Math.round(frames / 9000));
  return split([recordings(train), train], [recordings(test), test]);
}

function eachBehaviour(make: () => SplitSizes): Calms21Sizes['task3'] {
  return Object.fromEntries(
    TASK_3_BEHAVIOURS.map((behaviour) => [behaviour, make()]),
  ) as Calms21Sizes['task3'];
}
