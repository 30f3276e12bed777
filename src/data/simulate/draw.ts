import type { Random } from '../../random.js';

/** One of `keys`, with probability proportional to its weight. Weights of keys that are absent count as zero. */
export function drawKey<Key extends string>(
  random: Random,
  weights: Readonly<Partial<Record<Key, number>>>,
  keys: readonly Key[] = Object.keys(weights) as Key[],
): Key {
  let total = 0;
  for (const key of keys) {
    total += weights[key] ?? 0;
  }
  let left = random.uniform() * total;
  let last = keys[0];
  for (const key of keys) {
    const weight = weights[key] ?? 0;
    if (weight > 0) {
      last = key;
      left -= weight;
      if (left < 0) {
        return key;
      }
    }
  }
  return last;
}

/** Lognormal: `median` exp(`logSpread` z). */
export function drawLogNormal(random: Random, median: number, logSpread: number): number {
  return median * Math.exp(logSpread * random.normal());
}

/** A whole number of at least 1 with the given mean (geometric distribution). */
export function drawGeometric(random: Random, mean: number): number {
  return mean <= 1 ? 1 : 1 + Math.floor(Math.log(1 - random.uniform()) / Math.log(1 - 1 / mean));
}

/** The value at `level` in (0, 1) of a distribution given by quantiles, linear between them. */
export function drawQuantile(level: number, levels: readonly number[], values: readonly number[]): number {
  let above = 1;
  while (above < levels.length - 1 && levels[above] < level) {
    above++;
  }
  const share = (level - levels[above - 1]) / (levels[above] - levels[above - 1]);
  return values[above - 1] + share * (values[above] - values[above - 1]);
}

/** The normal distribution function, to 7.5e-8 (Abramowitz and Stegun 26.2.17). */
export function standardNormalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = 0.3989422804014327 * Math.exp(-0.5 * z * z) * series;
  return z >= 0 ? 1 - tail : tail;
}
