import type { ContextStatistics, ContextThresholds } from './context.js';

/** Mean and spread of each channel over the training recordings, as plain numbers: kept in the checkpoint. */
export interface ChannelStatistics {
  readonly mean: readonly number[];
  /** Standard deviation; 1 for a channel that doesn't vary. */
  readonly std: readonly number[];
}

/** What a front-end standardises with. Flags are not standardised and have no entry. */
export interface Normalisation {
  readonly inputs: ChannelStatistics;
  readonly targets: ChannelStatistics;
  /** Of the context, where there is one. */
  readonly context?: ContextStatistics;
}

/**
 * Standardises the first `mean.length` columns of rows of `stride` channels in place: (x - mean) / std, limited to
 * [-limit, limit]. A missing value (NaN) becomes 0. Rows that `wanted` [time] marks with 0 are left as they are.
 */
export function standardise(
  rows: Float32Array,
  wanted: Uint8Array,
  stride: number,
  { mean, std }: ChannelStatistics,
  limit: number,
): void {
  const columns = mean.length;
  for (let time = 0; time < wanted.length; time++) {
    if (wanted[time] === 0) continue;
    const row = time * stride;
    for (let column = 0; column < columns; column++) {
      const value = (rows[row + column] - mean[column]) / std[column];
      rows[row + column] = value > limit ? limit : value < -limit ? -limit : Number.isNaN(value) ? 0 : value;
    }
  }
}

/**
 * Mean and standard deviation of each column over its valid values (not NaN), after limiting them to the column's
 * quantiles [trim, 1 - trim]: a few tracking jumps would otherwise set the scale of every velocity.
 *
 * @param rows [row, column], `stride` columns a row, the first `columns` of which are measured
 */
export function measureChannels(
  rows: Float32Array,
  stride: number,
  columns: number,
  trim: number,
): ChannelStatistics {
  const mean: number[] = [];
  const std: number[] = [];
  const sorted = new Float32Array(rows.length / stride);
  for (let column = 0; column < columns; column++) {
    let count = 0;
    for (let index = column; index < rows.length; index += stride) {
      if (!Number.isNaN(rows[index])) sorted[count++] = rows[index];
    }
    const values = sorted.subarray(0, count).sort();
    const low = values[Math.floor(trim * (count - 1))];
    const high = values[Math.ceil((1 - trim) * (count - 1))];
    const limited = (value: number) => Math.max(low, Math.min(high, value));
    let sum = 0;
    for (const value of values) sum += limited(value);
    const centre = count > 0 ? sum / count : 0;
    let squares = 0;
    for (const value of values) squares += (limited(value) - centre) ** 2;
    const spread = count > 0 ? Math.sqrt(squares / count) : 0;
    mean.push(centre);
    std.push(spread > 1e-6 ? spread : 1);
  }
  return { mean, std };
}

/**
 * Mean and quantiles of each column, in which a missing value (NaN) counts as the mean. Quantile q of n values is the
 * sorted value number floor(q x n).
 *
 * @param rows [row, column], all columns measured
 */
export function measureQuantiles(
  rows: Float32Array,
  columns: number,
  quantiles: readonly number[],
): ContextThresholds {
  const count = rows.length / columns;
  const fill = new Array<number>(columns).fill(0);
  const thresholds = new Array<number>(quantiles.length * columns).fill(0);
  const sorted = new Float32Array(count);
  for (let column = 0; column < columns; column++) {
    let sum = 0;
    let known = 0;
    for (let row = 0; row < count; row++) {
      const value = rows[row * columns + column];
      sorted[row] = value;
      if (Number.isNaN(value)) continue;
      sum += value;
      known++;
    }
    fill[column] = known === 0 ? 0 : sum / known;
    for (let row = 0; row < count; row++) if (Number.isNaN(sorted[row])) sorted[row] = fill[column];
    sorted.sort();
    quantiles.forEach((quantile, index) => {
      thresholds[index * columns + column] =
        count === 0 ? 0 : sorted[Math.min(count - 1, Math.floor(quantile * count))];
    });
  }
  return { fill, thresholds };
}
