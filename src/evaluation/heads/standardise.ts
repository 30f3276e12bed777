/** Puts channels on one scale: (value - mean) / scale, cut at +-clip; missing values become the mean, 0. */
export interface Standardiser {
  readonly mean: Float64Array;
  /** 1 where a channel is constant. */
  readonly scale: Float64Array;
  /** In standard deviations; null: nothing is cut. */
  readonly clip: number | null;
}

/** Mean and standard deviation of each channel over the finite values, gathered in float64 from any number of pieces. */
export interface ChannelMoments {
  /** @param rows [frame, width] */
  add(rows: Float32Array): void;
  /**
   * A channel that is never there, or constant to 1e-6 of its size, gets scale 1; so do those that keep their scale.
   * @param keepsScale [width], 1 where only the mean is taken off; null: nowhere
   */
  standardiser(clip: number | null, keepsScale: Uint8Array | null): Standardiser;
}

export function createMoments(width: number): ChannelMoments {
  const counts = new Float64Array(width);
  const means = new Float64Array(width);
  const squares = new Float64Array(width); // sum of (value - mean)^2, Welford 1962
  return {
    add(rows) {
      for (let at = 0; at < rows.length; at += width) {
        for (let channel = 0; channel < width; channel++) {
          const value = rows[at + channel];
          if (!Number.isFinite(value)) continue;
          const delta = value - means[channel];
          means[channel] += delta / ++counts[channel];
          squares[channel] += delta * (value - means[channel]);
        }
      }
    },
    standardiser(clip, keepsScale) {
      const scale = squares.map((square, channel) => {
        if (keepsScale?.[channel]) return 1;
        const deviation = Math.sqrt(square / counts[channel]);
        return deviation > 1e-6 * Math.max(Math.abs(means[channel]), 1e-6) ? deviation : 1;
      });
      return { mean: means.slice(), scale, clip };
    },
  };
}

/** Standardised copies of the rows. @param rows [frame, width] */
export function standardise(rows: Float32Array, { mean, scale, clip }: Standardiser): Float32Array {
  const width = mean.length;
  const limit = clip ?? Number.POSITIVE_INFINITY;
  const output = new Float32Array(rows.length);
  for (let at = 0; at < rows.length; at += width) {
    for (let channel = 0; channel < width; channel++) {
      const value = (rows[at + channel] - mean[channel]) / scale[channel];
      if (!Number.isNaN(value)) output[at + channel] = Math.min(Math.max(value, -limit), limit);
    }
  }
  return output;
}
