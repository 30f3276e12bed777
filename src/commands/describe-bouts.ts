import type { BoutSettings } from '../evaluation/bouts/label-frames.js';

/**
 * `probabilities averaged over 1 s, without bouts below 0.5 s`; where heads of several folds chose differently, from the
 * shortest to the longest: `averaged over 0 to 1 s`.
 */
export function describeBouts(settings: readonly BoutSettings[]): string {
  const smooth = describeLengths(settings.map(({ smoothSeconds }) => smoothSeconds));
  const minimal = describeLengths(settings.map(({ minimalBoutSeconds }) => minimalBoutSeconds));
  return [
    smooth === '0 s' ? 'probabilities not averaged' : `probabilities averaged over ${smooth}`,
    ...(minimal === '0 s' ? [] : [`without bouts below ${minimal}`]),
  ].join(', ');
}

function describeLengths(seconds: readonly number[]): string {
  const [low, high] = [Math.min(...seconds), Math.max(...seconds)];
  return low === high ? `${low} s` : `${low} to ${high} s`;
}
