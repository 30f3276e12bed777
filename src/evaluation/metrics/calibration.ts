/** One bin of a reliability diagram. */
export interface CalibrationBin {
  readonly low: number;
  readonly high: number;
  readonly frames: number;
  /** The mean probability of the bin's frames; NaN in an empty bin. */
  readonly meanProbability: number;
  /** The share of the bin's frames that are positive; NaN in an empty bin. */
  readonly positiveShare: number;
}

/** The mean squared difference between probability and truth of one class (Brier 1950, one column). */
export function brierScore(positive: ArrayLike<number | boolean>, probabilities: ArrayLike<number>): number {
  let sum = 0;
  for (let frame = 0; frame < positive.length; frame++) {
    sum += (probabilities[frame] - Number(positive[frame])) ** 2;
  }
  return sum / positive.length;
}

/** Equal bins of [0, 1]; a probability on a border belongs to the upper bin, 1 to the last. */
export function binCalibration(
  positive: ArrayLike<number | boolean>,
  probabilities: ArrayLike<number>,
  binCount: number,
): CalibrationBin[] {
  const frames = new Float64Array(binCount);
  const probabilitySum = new Float64Array(binCount);
  const positives = new Float64Array(binCount);
  for (let frame = 0; frame < positive.length; frame++) {
    const bin = Math.min(binCount - 1, Math.floor(probabilities[frame] * binCount));
    frames[bin]++;
    probabilitySum[bin] += probabilities[frame];
    positives[bin] += Number(positive[frame]);
  }
  return Array.from(frames, (count, bin) => ({
    low: bin / binCount,
    high: (bin + 1) / binCount,
    frames: count,
    meanProbability: probabilitySum[bin] / count,
    positiveShare: positives[bin] / count,
  }));
}

/** The mean distance between probability and frequency, weighted by frames (expected calibration error). */
export function calibrationError(bins: readonly CalibrationBin[]): number {
  let sum = 0;
  let frames = 0;
  for (const bin of bins) {
    if (bin.frames === 0) continue;
    sum += bin.frames * Math.abs(bin.meanProbability - bin.positiveShare);
    frames += bin.frames;
  }
  return sum / frames;
}
