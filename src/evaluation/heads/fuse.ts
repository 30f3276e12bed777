import { UserError } from '../../errors.js';

/**
 * Late fusion: the mean of several heads' log-probabilities, renormalised (a geometric mean). Beside one head
 * on the features joined: which is better differs from case to case.
 * @param heads [frame, class] each
 */
export function fuseProbabilities(heads: readonly Float32Array[], classCount: number): Float32Array {
  if (heads.some(({ length }) => length !== heads[0].length)) {
    throw new UserError('data', 'heads to fuse must predict the same frames and classes');
  }
  if (heads.length === 1) return heads[0];
  const fused = new Float32Array(heads[0].length);
  const logs = new Float64Array(classCount);
  for (let at = 0; at < fused.length; at += classCount) {
    for (let target = 0; target < classCount; target++) {
      logs[target] = heads.reduce((sum, head) => sum + Math.log(head[at + target] + 1e-30), 0) / heads.length;
    }
    const highest = Math.max(...logs);
    const sum = logs.reduce((total, value) => total + Math.exp(value - highest), 0);
    for (let target = 0; target < classCount; target++) {
      fused[at + target] = Math.exp(logs[target] - highest) / sum;
    }
  }
  return fused;
}
