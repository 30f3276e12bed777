import type { BoutSettings } from '../evaluation/bouts/label-frames.js';

/** `probabilities averaged over 1 s, without bouts below 0.5 s` */
export function describeBouts({ smoothSeconds, minimalBoutSeconds }: BoutSettings): string {
  const smooth =
    smoothSeconds === 0 ? 'probabilities not averaged' : `probabilities averaged over ${smoothSeconds} s`;
  return minimalBoutSeconds === 0 ? smooth : `${smooth}, without bouts below ${minimalBoutSeconds} s`;
}
