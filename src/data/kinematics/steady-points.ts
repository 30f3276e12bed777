/**
 * Points made steady before speeds and distances are taken of them: short gaps are filled along a straight line, then
 * a Gaussian goes over what is valid. Only valid values are used, so a frame that is entered as missing has no part.
 */

/** A smoothed value rests on at least this share of the Gaussian's weight. */
const SMALLEST_SUPPORT = 0.05;

/**
 * @param points [time, coordinate], NaN where missing
 * @param gapFrames gaps between valid frames at most this far apart are filled
 * @param smoothFrames standard deviation of the Gaussian (cut off at 3); 0: no smoothing
 * @param out [time, coordinate]; NaN where nothing valid is near
 */
export function steadyPoints(
  points: Float64Array,
  coordinates: number,
  gapFrames: number,
  smoothFrames: number,
  out: Float64Array,
): void {
  const frames = points.length / coordinates;
  const kernel = gaussian(smoothFrames);
  const filled = new Float64Array(frames);
  for (let coordinate = 0; coordinate < coordinates; coordinate++) {
    for (let time = 0; time < frames; time++) filled[time] = points[time * coordinates + coordinate];
    fillGaps(filled, gapFrames);
    smooth(filled, kernel, coordinate, coordinates, out);
  }
}

/** Half of a Gaussian, from its middle outwards; the whole sums to 1. */
function gaussian(deviation: number): Float64Array {
  const reach = Math.floor(3 * deviation + 0.5);
  const half = Float64Array.from({ length: reach + 1 }, (_, offset) =>
    offset === 0 ? 1 : Math.exp(-0.5 * (offset / deviation) ** 2),
  );
  const sum = 2 * half.reduce((total, weight) => total + weight, 0) - 1;
  return half.map((weight) => weight / sum);
}

function fillGaps(values: Float64Array, gapFrames: number): void {
  let last = -1;
  for (let time = 0; time < values.length; time++) {
    if (Number.isNaN(values[time])) continue;
    const width = time - last;
    if (last >= 0 && width > 1 && width <= gapFrames) {
      const slope = (values[time] - values[last]) / width;
      for (let between = last + 1; between < time; between++) {
        values[between] = values[last] + slope * (between - last);
      }
    }
    last = time;
  }
}

function smooth(
  values: Float64Array,
  kernel: Float64Array,
  column: number,
  stride: number,
  out: Float64Array,
): void {
  const reach = kernel.length - 1;
  for (let time = 0; time < values.length; time++) {
    const stop = Math.min(values.length - 1, time + reach);
    let sum = 0;
    let support = 0;
    for (let other = Math.max(0, time - reach); other <= stop; other++) {
      const value = values[other];
      if (Number.isNaN(value)) continue;
      const weight = kernel[other > time ? other - time : time - other];
      sum += weight * value;
      support += weight;
    }
    out[time * stride + column] = support > SMALLEST_SUPPORT ? sum / support : Number.NaN;
  }
}
