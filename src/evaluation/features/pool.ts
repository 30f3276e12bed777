/** Channels that are pooled at a time: bounds the memory of the prefix sums. */
const CHANNEL_BLOCK = 64;

/**
 * Means and spreads over windows around frames, by prefix sums: the work per frame doesn't depend on the window.
 * Windows are clipped at the recording's edges; missing values are left out, a window without any value is NaN.
 * @param values a whole recording: [frame, width], NaN where missing
 * @param at the frames that are wanted
 * @param reachFrames half widths of the windows; 0: the value itself
 * @param spread whether the (population) standard deviation follows each mean; reach 0 has none
 * @returns [wanted frame, pool, width] with the pools in the order mean, spread of the first scale, mean ...
 */
export function poolFrames(
  values: Float32Array,
  width: number,
  at: ArrayLike<number>,
  reachFrames: readonly number[],
  spread: boolean,
): Float32Array {
  const pools = countPools(reachFrames, spread);
  const output = new Float32Array(at.length * pools * width);
  for (let first = 0; first < width; first += CHANNEL_BLOCK) {
    const block = Math.min(CHANNEL_BLOCK, width - first);
    const sums = sumPrefixes(values, width, first, block);
    let pool = 0;
    for (const reach of reachFrames) {
      const place = { output, width, pools, pool, first };
      if (reach === 0) copyFrames(values, at, block, place);
      else poolBlock(sums, at, reach, spread, place);
      pool += reach === 0 || !spread ? 1 : 2;
    }
  }
  return output;
}

/** Means and spreads of all scales. */
export function countPools(reachFrames: readonly number[], spread: boolean): number {
  return reachFrames.reduce((sum, reach) => sum + (reach === 0 || !spread ? 1 : 2), 0);
}

/** Sums over frames [0, n) of a block of channels: [frames + 1, block]. Values are taken relative to `centre`. */
interface PrefixSums {
  readonly frames: number;
  readonly block: number;
  readonly centre: Float64Array;
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  readonly squares: Float64Array;
}

/**
 * Centred by means first, so that squares don't drown the spread. A centre is a float32 as the values are: their
 * differences then add up without rounding, and a window that holds one value has that value as its mean, whichever frames
 * were read with it. (Beside zeros that are 1e-15, a threshold at zero would part nothing but noise.)
 */
function sumPrefixes(values: Float32Array, width: number, first: number, block: number): PrefixSums {
  const frames = values.length / width;
  const centre = meansOf(values, width, first, block);
  const size = (frames + 1) * block;
  const prefix = {
    counts: new Float64Array(size),
    sums: new Float64Array(size),
    squares: new Float64Array(size),
  };
  for (let frame = 0; frame < frames; frame++) {
    const from = frame * block;
    const to = from + block;
    for (let channel = 0; channel < block; channel++) {
      const value = values[frame * width + first + channel] - centre[channel];
      const isKnown = !Number.isNaN(value);
      prefix.counts[to + channel] = prefix.counts[from + channel] + (isKnown ? 1 : 0);
      prefix.sums[to + channel] = prefix.sums[from + channel] + (isKnown ? value : 0);
      prefix.squares[to + channel] = prefix.squares[from + channel] + (isKnown ? value * value : 0);
    }
  }
  return { frames, block, centre, ...prefix };
}

function meansOf(values: Float32Array, width: number, first: number, block: number): Float64Array {
  const means = new Float64Array(block);
  const counts = new Float64Array(block);
  for (let at = first; at < values.length; at += width) {
    for (let channel = 0; channel < block; channel++) {
      const value = values[at + channel];
      if (Number.isNaN(value)) continue;
      means[channel] += value;
      counts[channel]++;
    }
  }
  return means.map((sum, channel) => (counts[channel] === 0 ? 0 : Math.fround(sum / counts[channel])));
}

/** Where a block's values of one pool go: [wanted frame, pool, width] from channel `first` on. */
interface PoolPlace {
  readonly output: Float32Array;
  readonly width: number;
  readonly pools: number;
  readonly pool: number;
  readonly first: number;
}

function poolBlock(
  prefix: PrefixSums,
  at: ArrayLike<number>,
  reach: number,
  spread: boolean,
  place: PoolPlace,
): void {
  const { frames, block, centre, counts, sums, squares } = prefix;
  const { output, width, pools, pool, first } = place;
  for (let row = 0; row < at.length; row++) {
    const start = Math.max(0, at[row] - reach) * block;
    const stop = Math.min(frames, at[row] + reach + 1) * block;
    const to = (row * pools + pool) * width + first;
    for (let channel = 0; channel < block; channel++) {
      const count = counts[stop + channel] - counts[start + channel];
      const mean = (sums[stop + channel] - sums[start + channel]) / count; // 0 / 0: NaN
      output[to + channel] = centre[channel] + mean;
      if (!spread) continue;
      const square = (squares[stop + channel] - squares[start + channel]) / count;
      output[to + width + channel] = Math.sqrt(Math.max(square - mean * mean, 0));
    }
  }
}

function copyFrames(
  values: Float32Array,
  at: ArrayLike<number>,
  block: number,
  { output, width, pools, pool, first }: PoolPlace,
): void {
  for (let row = 0; row < at.length; row++) {
    const from = at[row] * width + first;
    output.set(values.subarray(from, from + block), (row * pools + pool) * width + first);
  }
}
