import { expect, test } from 'vitest';
import { describeBouts } from '../../src/commands/describe-bouts.js';

test('what was chosen, or from what to what', () => {
  const one = { smoothSeconds: 0.5, minimalBoutSeconds: 0 };
  const other = { smoothSeconds: 0, minimalBoutSeconds: 2 };
  expect(describeBouts([one, one])).toBe('probabilities averaged over 0.5 s');
  expect(describeBouts([other])).toBe('probabilities not averaged, without bouts below 2 s');
  expect(describeBouts([one, other])).toBe(
    'probabilities averaged over 0 to 0.5 s, without bouts below 0 to 2 s',
  );
});
