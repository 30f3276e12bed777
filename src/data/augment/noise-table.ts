import { type Random, seededRandom } from '../../random.js';

const SIZE = 1 << 15;
const table = new Float32Array(SIZE);
let isFilled = false;

/**
 * Fills `out` with standard normal noise: a stretch of one fixed table that starts at a random place. For noise on
 * data, where speed matters and a number may come again in another stretch.
 */
export function fillNoise(random: Random, out: Float32Array): void {
  if (!isFilled) {
    const source = seededRandom(0, 'noise-table');
    for (let index = 0; index < SIZE; index++) table[index] = source.normal();
    isFilled = true;
  }
  const start = random.integer(SIZE);
  for (let index = 0; index < out.length; index++) out[index] = table[(start + index) & (SIZE - 1)];
}
