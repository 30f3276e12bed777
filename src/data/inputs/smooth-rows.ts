/**
 * Centred moving average over time, in place, of rows of `columns` values: each valid value becomes the mean of the
 * valid values within a width of `frames` (rounded up to an odd number; cut off at the ends). A missing value (NaN)
 * stays missing.
 */
export function smoothRows(rows: Float32Array, columns: number, frames: number): void {
  const reach = Math.floor(frames / 2);
  const times = rows.length / columns;
  const before = rows.slice();
  for (let time = 0; time < times; time++) {
    const start = Math.max(0, time - reach) * columns;
    const stop = Math.min(times, time + reach + 1) * columns;
    for (let column = 0; column < columns; column++) {
      if (Number.isNaN(before[time * columns + column])) continue;
      let sum = 0;
      let count = 0;
      for (let index = start + column; index < stop; index += columns) {
        if (Number.isNaN(before[index])) continue;
        sum += before[index];
        count++;
      }
      rows[time * columns + column] = sum / count;
    }
  }
}
