/**
 * Statistics of the frame labels of CalMS21's 70 task 1 train sequences (Sun et al. 2021, one annotator, 30 frames
 * a second), printed by scripts/fit-simulator.py. Not edited by hand; no sequence can be rebuilt from them.
 */
import type { SessionType, TaskOneClass } from './vocabulary.js';

/** Share of frames in recordings of each type: mating = some mount, fighting = some attack, mixed = both. */
export const SESSION_SHARES: Readonly<Record<SessionType, number>> = {
  social: 0.2871, // 16 sequences, 145757 frames
  mating: 0.5277, // 36 sequences, 267913 frames
  fighting: 0.1186, // 13 sequences, 60222 frames
  mixed: 0.0667, // 5 sequences, 33846 frames
};

/** Share of all frames by class. */
export const CLASS_SHARES: Readonly<Record<TaskOneClass, number>> = {
  attack: 0.0277,
  investigation: 0.2888,
  mount: 0.0564,
  other: 0.6272,
};

/** Probability of the next class after a bout, by session type: the maximum likelihood estimate. */
export const TRANSITIONS: Readonly<
  Record<SessionType, Readonly<Record<TaskOneClass, Readonly<Record<TaskOneClass, number>>>>>
> = {
  social: {
    attack: { attack: 0.0, investigation: 0.0, mount: 0.0, other: 0.0 }, // 0 bouts
    investigation: { attack: 0.0, investigation: 0.0, mount: 0.0, other: 1.0 }, // 518 bouts
    mount: { attack: 0.0, investigation: 0.0, mount: 0.0, other: 0.0 }, // 0 bouts
    other: { attack: 0.0, investigation: 1.0, mount: 0.0, other: 0.0 }, // 523 bouts
  },
  mating: {
    attack: { attack: 0.0, investigation: 0.0, mount: 0.0, other: 0.0 }, // 0 bouts
    investigation: { attack: 0.0, investigation: 0.0, mount: 0.292, other: 0.708 }, // 856 bouts
    mount: { attack: 0.0, investigation: 0.531, mount: 0.0, other: 0.469 }, // 254 bouts
    other: { attack: 0.0, investigation: 0.985, mount: 0.015, other: 0.0 }, // 735 bouts
  },
  fighting: {
    attack: { attack: 0.0, investigation: 0.227, mount: 0.0, other: 0.773 }, // 119 bouts
    investigation: { attack: 0.343, investigation: 0.0, mount: 0.0, other: 0.657 }, // 254 bouts
    mount: { attack: 0.0, investigation: 0.0, mount: 0.0, other: 0.0 }, // 0 bouts
    other: { attack: 0.133, investigation: 0.867, mount: 0.0, other: 0.0 }, // 263 bouts
  },
  mixed: {
    attack: { attack: 0.0, investigation: 0.394, mount: 0.042, other: 0.563 }, // 71 bouts
    investigation: { attack: 0.322, investigation: 0.0, mount: 0.086, other: 0.592 }, // 174 bouts
    mount: { attack: 0.19, investigation: 0.667, mount: 0.0, other: 0.143 }, // 21 bouts
    other: { attack: 0.082, investigation: 0.898, mount: 0.02, other: 0.0 }, // 147 bouts
  },
};

/** Levels of `BOUT_FRAMES`. */
export const QUANTILE_LEVELS: readonly number[] = [
  0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1,
];

/** Quantiles of a bout's frames; `other` and `investigation` by session type, the rarer classes pooled. */
export const BOUT_FRAMES: Readonly<Record<SessionType, Readonly<Record<TaskOneClass, readonly number[]>>>> = {
  social: {
    attack: [1, 7.0, 11.0, 17.0, 22.0, 33.4, 46.0, 58.0, 75.2, 112.0, 179.2, 219.7, 316.5, 669],
    investigation: [3, 9.0, 10.2, 15.0, 23.6, 35.8, 50.0, 78.0, 113.4, 189.6, 330.6, 502.2, 917.9, 1335],
    mount: [2, 16.1, 22.1, 34.4, 46.0, 54.0, 61.0, 76.6, 93.0, 128.6, 222.4, 310.9, 675.5, 1123],
    other: [1, 14.7, 24.0, 33.0, 48.0, 65.2, 83.0, 115.0, 143.1, 201.2, 350.7, 502.5, 1123.6, 2049],
  },
  mating: {
    attack: [1, 7.0, 11.0, 17.0, 22.0, 33.4, 46.0, 58.0, 75.2, 112.0, 179.2, 219.7, 316.5, 669],
    investigation: [3, 7.0, 9.0, 13.0, 18.0, 25.0, 32.0, 41.0, 57.0, 88.8, 166.2, 296.0, 549.5, 1036],
    mount: [2, 16.1, 22.1, 34.4, 46.0, 54.0, 61.0, 76.6, 93.0, 128.6, 222.4, 310.9, 675.5, 1123],
    other: [1, 6.0, 19.0, 42.0, 64.0, 97.0, 147.0, 195.0, 275.0, 388.0, 568.0, 739.0, 1291.6, 1702],
  },
  fighting: {
    attack: [1, 7.0, 11.0, 17.0, 22.0, 33.4, 46.0, 58.0, 75.2, 112.0, 179.2, 219.7, 316.5, 669],
    investigation: [1, 5.0, 7.0, 11.0, 15.2, 20.0, 27.0, 33.0, 46.6, 66.2, 98.0, 144.2, 223.6, 321],
    mount: [2, 16.1, 22.1, 34.4, 46.0, 54.0, 61.0, 76.6, 93.0, 128.6, 222.4, 310.9, 675.5, 1123],
    other: [1, 6.0, 10.0, 22.0, 30.6, 48.0, 67.0, 109.6, 142.4, 227.0, 349.7, 474.8, 943.2, 1754],
  },
  mixed: {
    attack: [1, 7.0, 11.0, 17.0, 22.0, 33.4, 46.0, 58.0, 75.2, 112.0, 179.2, 219.7, 316.5, 669],
    investigation: [1, 4.0, 7.0, 10.0, 14.0, 21.0, 30.0, 38.0, 47.0, 70.4, 117.3, 203.7, 448.8, 513],
    mount: [2, 16.1, 22.1, 34.4, 46.0, 54.0, 61.0, 76.6, 93.0, 128.6, 222.4, 310.9, 675.5, 1123],
    other: [1, 4.0, 9.0, 14.0, 23.0, 35.0, 44.0, 88.0, 148.0, 212.0, 332.0, 501.5, 831.5, 1610],
  },
};

/** Pooled over all sequences: bouts, mean and median frames. What simulated labels are compared with. */
export const BOUT_SUMMARY: Readonly<
  Record<TaskOneClass, { readonly bouts: number; readonly mean: number; readonly median: number }>
> = {
  attack: { bouts: 194, mean: 72.4, median: 46.0 },
  investigation: { bouts: 1811, mean: 81.0, median: 34.0 },
  mount: { bouts: 282, mean: 101.5, median: 61.0 },
  other: { bouts: 1718, mean: 185.4, median: 100.0 },
};

/** Share of the variance of log bout frames that lies between recordings (one-way random effects, Searle 1992). */
export const RECORDING_CORRELATION: Readonly<Record<TaskOneClass, number>> = {
  attack: 0.216,
  investigation: 0.148,
  mount: 0.282,
  other: 0.093,
};

/** Standard deviation of the log of a sequence's frames. */
export const LENGTH_SPREAD = 0.937;
