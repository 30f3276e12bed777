/**
 * Centred moving average over time, in place, of rows of `columns` values: each valid value becomes the mean of the
 * valid values within a width of `frames` (rounded up to an odd number; cut off at the ends). A missing value (NaN)
 * stays missing.
 */
export function smoothRows(rows: Float32Array, columns: number, frames: number): void {
  const reach = Math.floor(frames / 2);
  const times = rows.length / columns;
  const before = new Float32Array(times);
  for (let column = 0; column < columns; column++) {
    for (let time = 0; time < times; time++) before[time] = rows[time * columns + column];
    for (let time = 0; time < times; time++) {
      if (Number.isNaN(before[time])) continue;
      let sum = 0;
      let count = 0;
      const stop = Math.min(times, time + reach + 1);
      for (let other = Math.max(0, time - reach); other < stop; other++) {
        if (Number.isNaN(before[other])) continue;
        sum += before[other];
        count++;
      }
      rows[time * columns + column] = sum / count;
    }
  }
}
