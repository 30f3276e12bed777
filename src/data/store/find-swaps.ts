import { meanOf } from './find-jumps.js';

/**
 * Frames at which two animals seem to have exchanged their identities: both are further than `limitPixels` from where they
 * were last seen, and each nearer to where the other one was than half of that. Trackers swap animals mostly while one of
 * them is lost, so `mostFrames` may lie between.
 *
 * @param pose [frame, animal, keypoint, space]
 * @param limitPixels NaN: nothing is found
 */
export function findSwaps(
  pose: Float32Array,
  frames: number,
  animalCount: number,
  keypointCount: number,
  limitPixels: number,
  mostFrames: number,
): number[] {
  const keypoints = Array.from({ length: keypointCount }, (_, keypoint) => keypoint);
  const animals = Array.from({ length: animalCount }, (_, animal) => animal);
  const nowhere = { frame: Number.NEGATIVE_INFINITY, x: 0, y: 0 };
  const lastSeen = animals.map(() => nowhere);
  const swaps: number[] = [];
  for (let frame = 0; frame < frames; frame++) {
    const now = animals.map((animal) => {
      const [x, y] = meanOf(pose, (frame * animalCount + animal) * keypointCount * 2, keypoints);
      return { frame, x, y };
    });
    const isKnown = (animal: number) => frame - lastSeen[animal].frame <= mostFrames;
    const way = (to: number, from: number) =>
      Math.hypot(now[to].x - lastSeen[from].x, now[to].y - lastSeen[from].y); // NaN where the animal is missing
    const isSwap = animals.some((one) =>
      animals.slice(one + 1).some((other) => {
        if (!isKnown(one) || !isKnown(other)) return false;
        const [ownOne, ownOther] = [way(one, one), way(other, other)];
        const isFar = ownOne > limitPixels && ownOther > limitPixels;
        return isFar && way(one, other) < ownOne / 2 && way(other, one) < ownOther / 2;
      }),
    );
    if (isSwap) swaps.push(frame);
    for (const animal of animals) if (!Number.isNaN(now[animal].x)) lastSeen[animal] = now[animal];
  }
  return swaps;
}
