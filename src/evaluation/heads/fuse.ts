import { UserError } from '../../errors.js';

/** Shares of several heads that count alike. */
export function equalShares(count: number): readonly number[] {
  return new Array<number>(count).fill(1 / count);
}

/**
 * Late fusion: the weighted mean of several heads' log-probabilities, renormalised (a geometric mean; a logarithmic
 * opinion pool, Genest and Zidek, "Combining Probability Distributions", Statistical Science 1986). Beside one head on
 * the features joined: which is better differs from case to case.
 * @param heads [frame, class] each
 * @param shares weights of the heads, which add up to 1
 */
export function fuseProbabilities(
  heads: readonly Float32Array[],
  classCount: number,
  shares: readonly number[] = equalShares(heads.length),
): Float32Array {
  if (heads.some(({ length }) => length !== heads[0].length)) {
    throw new UserError('data', 'heads to fuse must predict the same frames and classes');
  }
  const only = shares.indexOf(1);
  if (only >= 0) return heads[only];
  const fused = new Float32Array(heads[0].length);
  const logs = new Float64Array(classCount);
  for (let at = 0; at < fused.length; at += classCount) {
    for (let target = 0; target < classCount; target++) {
      let log = 0;
      for (let head = 0; head < heads.length; head++)
        log += shares[head] * Math.log(heads[head][at + target] + 1e-30);
      logs[target] = log;
    }
    const highest = Math.max(...logs);
    const sum = logs.reduce((total, value) => total + Math.exp(value - highest), 0);
    for (let target = 0; target < classCount; target++) {
      fused[at + target] = Math.exp(logs[target] - highest) / sum;
    }
  }
  return fused;
}

/**
 * Shares of `count` heads that are worth trying: all that add up to 1 in steps of 1 / (2 `count`), equal ones first and
 * then by their distance to these, so that what is as good as equal shares stays equal.
 */
export function listShares(count: number): readonly (readonly number[])[] {
  const steps = 2 * count;
  const compose = (parts: number, left: number): number[][] =>
    parts === 1
      ? [[left]]
      : Array.from({ length: left + 1 }, (_, own) => own).flatMap((own) =>
          compose(parts - 1, left - own).map((rest) => [own, ...rest]),
        );
  const distance = (parts: readonly number[]) => parts.reduce((sum, part) => sum + (part - 2) ** 2, 0);
  return compose(count, steps)
    .sort((a, b) => distance(a) - distance(b))
    .map((parts) => parts.map((part) => part / steps));
}
