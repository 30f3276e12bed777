import type { Random } from '../../random.js';
import { fillNoise } from './noise-table.js';
import type { AugmentSettings } from './settings.js';

/**
 * Spoils standardised input channels in place: an offset for each channel of the window, noise in every frame, whole
 * channels dropped. A value that is 0 is missing or hidden and stays 0; flags are left alone. Call it on inputs only.
 *
 * @param rows [time, channel], `stride` channels a row, of which the first `valueCount` are values
 * @param visible [time]: rows of hidden frames, marked with 0, are left alone
 */
export function addChannelNoise(
  rows: Float32Array,
  visible: Uint8Array,
  stride: number,
  valueCount: number,
  settings: AugmentSettings,
  random: Random,
): void {
  const { channelNoise, frameNoise, channelDropProbability } = settings;
  if (channelNoise === 0 && frameNoise === 0 && channelDropProbability === 0) return;
  const offset = new Float32Array(valueCount);
  const noise = new Float32Array(valueCount);
  const kept = new Float32Array(valueCount).fill(1);
  fillNoise(random, offset);
  for (let column = 0; column < valueCount && channelDropProbability > 0; column++) {
    if (random.uniform() < channelDropProbability) kept[column] = 0;
  }
  for (let time = 0; time < visible.length; time++) {
    if (visible[time] === 0) continue;
    const row = time * stride;
    if (frameNoise > 0) fillNoise(random, noise);
    for (let column = 0; column < valueCount; column++) {
      const value = rows[row + column];
      if (value !== 0) {
        rows[row + column] =
          kept[column] * (value + channelNoise * offset[column] + frameNoise * noise[column]);
      }
    }
  }
}
