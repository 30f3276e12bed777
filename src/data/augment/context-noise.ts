import type { Random } from '../../random.js';
import { fillNoise } from './noise-table.js';
import type { AugmentSettings } from './settings.js';

/**
 * Spoils standardised contexts in place: noise, whole channels dropped (at all scales) and whole scales dropped (of all
 * channels), drawn anew for every token. What is dropped is 0, the mean. Call it on inputs only.
 *
 * @param shares [token, scale, quantile, channel]
 */
export function addContextNoise(
  shares: Float32Array,
  { names, channelCount, scaleCount }: { names: readonly string[]; channelCount: number; scaleCount: number },
  settings: AugmentSettings,
  random: Random,
): void {
  const { frameNoise, channelDropProbability, scaleDropProbability } = settings;
  const width = names.length;
  const scaleSize = width / scaleCount;
  const noise = new Float32Array(width);
  const kept = new Float32Array(channelCount);
  for (let from = 0; from < shares.length; from += width) {
    if (frameNoise > 0) fillNoise(random, noise);
    for (let channel = 0; channel < channelCount; channel++) {
      kept[channel] = channelDropProbability > 0 && random.uniform() < channelDropProbability ? 0 : 1;
    }
    for (let scale = 0; scale < scaleCount; scale++) {
      const first = from + scale * scaleSize;
      if (scaleDropProbability > 0 && random.uniform() < scaleDropProbability) {
        shares.fill(0, first, first + scaleSize);
        continue;
      }
      for (let column = 0; column < scaleSize; column++) {
        const value = shares[first + column] + frameNoise * noise[scale * scaleSize + column];
        shares[first + column] = kept[column % channelCount] * value;
      }
    }
  }
}
