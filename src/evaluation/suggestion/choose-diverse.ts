import type { Random } from '../../random.js';

/**
 * Chooses vectors that are long and far from each other: the longest first, then each with a probability that grows with
 * the squared distance to the nearest chosen one (k-means++, Arthur & Vassilvitskii 2007). No vector is chosen twice;
 * where all others equal chosen ones, the longest of them follow.
 * @param vectors of one length
 * @returns indices in the order of choice, as many as `count` or as there are
 */
export function chooseDiverse(vectors: readonly Float32Array[], count: number, random: Random): number[] {
  const lengths = vectors.map((vector) => squaredDistance(vector, null));
  const nearest = new Float64Array(vectors.length).fill(Number.POSITIVE_INFINITY);
  const isChosen = new Uint8Array(vectors.length);
  const chosen: number[] = [];
  while (chosen.length < Math.min(count, vectors.length)) {
    const next = chosen.length === 0 ? longest(lengths, isChosen) : draw(nearest, lengths, isChosen, random);
    isChosen[next] = 1;
    chosen.push(next);
    vectors.forEach((vector, index) => {
      nearest[index] = Math.min(nearest[index], squaredDistance(vector, vectors[next]));
    });
  }
  return chosen;
}

function draw(
  nearest: Float64Array,
  lengths: readonly number[],
  isChosen: Uint8Array,
  random: Random,
): number {
  const weight = (index: number) => (isChosen[index] ? 0 : nearest[index]);
  const total = nearest.reduce((sum, _, index) => sum + weight(index), 0);
  if (!(total > 0)) return longest(lengths, isChosen);
  let left = random.uniform() * total;
  for (let index = 0; index < nearest.length; index++) {
    left -= weight(index);
    if (left < 0) return index;
  }
  return longest(lengths, isChosen); // rounding has eaten the last bit
}

function longest(lengths: readonly number[], isChosen: Uint8Array): number {
  let best = -1;
  lengths.forEach((length, index) => {
    if (!isChosen[index] && (best < 0 || length > lengths[best])) best = index;
  });
  return best;
}

function squaredDistance(one: Float32Array, other: Float32Array | null): number {
  let sum = 0;
  for (let index = 0; index < one.length; index++) sum += (one[index] - (other?.[index] ?? 0)) ** 2;
  return sum;
}
