import type { Random } from '../../random.js';

/** Something that may be chosen. */
export interface Candidate {
  /** Where it lies among the others. */
  readonly vector: Float32Array;
  /** What it is worth by itself, at least 0. */
  readonly weight: number;
}

const ITERATIONS = 15;

/**
 * Chooses candidates that are worth much and stand for all others: weighted k-means with one centre for each that is wanted,
 * of each cluster the candidate nearest to its centre, the heaviest cluster first (Zhdanov 2019, "Diverse mini-batch Active
 * Learning"). What is labelled already are centres that stay: what lies nearest to them is not chosen while there is
 * anything else. Centres begin by weight times squared distance (k-means++, Arthur & Vassilvitskii 2007).
 * @param labelled vectors as long as those of the candidates
 * @returns indices in the order of choice, as many as `count` or as there are; none twice
 */
export function chooseSpread(
  candidates: readonly Candidate[],
  labelled: readonly Float32Array[],
  count: number,
  random: Random,
): number[] {
  const toLabelled = candidates.map(({ vector }) => nearestOf(vector, labelled).distance);
  const wanted = Math.min(count, candidates.length);
  let centres = drawCentres(candidates, toLabelled, wanted, random);
  let owners = assign(candidates, toLabelled, centres);
  for (let iteration = 1; iteration < ITERATIONS; iteration++) {
    centres = centres.map((centre, own) => meanOf(candidates, owners, own) ?? centre);
    owners = assign(candidates, toLabelled, centres);
  }
  const chosen = centres
    .flatMap((centre, own) => {
      const members = [...owners.keys()].filter((index) => owners[index] === own);
      if (members.length === 0) return [];
      const distance = (index: number) => squaredDistance(candidates[index].vector, centre);
      const nearest = members.reduce((best, index) => (distance(index) < distance(best) ? index : best));
      return [{ nearest, weight: members.reduce((sum, index) => sum + candidates[index].weight, 0) }];
    })
    .sort((one, other) => other.weight - one.weight)
    .map(({ nearest }) => nearest);
  return [...chosen, ...drawMore(candidates, chosen, wanted - chosen.length, random)];
}

/** Vectors of candidates that are far from each other and from what is labelled. */
function drawCentres(
  candidates: readonly Candidate[],
  toLabelled: readonly number[],
  count: number,
  random: Random,
): Float32Array[] {
  const nearest = [...toLabelled];
  const isTaken = new Uint8Array(candidates.length);
  return Array.from({ length: count }, () => {
    const weights = candidates.map(({ weight }, at) => weight * farness(nearest[at]));
    const { vector } = candidates[takeOne(weights, isTaken, random)];
    candidates.forEach((own, at) => {
      nearest[at] = Math.min(nearest[at], squaredDistance(own.vector, vector));
    });
    return vector;
  });
}

/** Where nothing is near yet, all are equally far. */
function farness(distance: number): number {
  return Number.isFinite(distance) ? distance : 1;
}

/** Where clusters have stayed empty: further ones by their weight. */
function drawMore(
  candidates: readonly Candidate[],
  chosen: readonly number[],
  count: number,
  random: Random,
): number[] {
  const isTaken = new Uint8Array(candidates.length);
  for (const index of chosen) isTaken[index] = 1;
  const weights = candidates.map(({ weight }) => weight);
  return Array.from({ length: count }, () => takeOne(weights, isTaken, random));
}

/**
 * Marks one that is free as taken, with a probability as its share of the weights of those that are; the first where all
 * weigh nothing.
 */
function takeOne(weights: readonly number[], isTaken: Uint8Array, random: Random): number {
  const free = weights.map((weight, index) => (isTaken[index] ? 0 : weight));
  let left = random.uniform() * free.reduce((sum, weight) => sum + weight, 0);
  let taken = isTaken.indexOf(0);
  for (let index = 0; index < free.length; index++) {
    if (free[index] <= 0) continue;
    taken = index;
    left -= free[index];
    if (left < 0) break;
  }
  isTaken[taken] = 1;
  return taken;
}

/** The cluster of each candidate; -1 where something labelled is nearer. */
function assign(
  candidates: readonly Candidate[],
  toLabelled: readonly number[],
  centres: readonly Float32Array[],
): Int32Array {
  return Int32Array.from(candidates, ({ vector }, at) => {
    const { index, distance } = nearestOf(vector, centres);
    return distance <= toLabelled[at] ? index : -1;
  });
}

/** The weighted mean of a cluster; undefined where it is empty or weighs nothing. */
function meanOf(candidates: readonly Candidate[], owners: Int32Array, own: number): Float32Array | undefined {
  let total = 0;
  const sum = new Float64Array(candidates[0].vector.length);
  candidates.forEach(({ vector, weight }, at) => {
    if (owners[at] !== own) return;
    total += weight;
    for (let index = 0; index < sum.length; index++) sum[index] += weight * vector[index];
  });
  return total > 0 ? Float32Array.from(sum, (value) => value / total) : undefined;
}

/** Infinitely far where there is none. */
function nearestOf(vector: Float32Array, others: readonly Float32Array[]) {
  let nearest = { index: -1, distance: Number.POSITIVE_INFINITY };
  others.forEach((other, index) => {
    const distance = squaredDistance(vector, other);
    if (distance < nearest.distance) nearest = { index, distance };
  });
  return nearest;
}

function squaredDistance(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < one.length; index++) sum += (one[index] - other[index]) ** 2;
  return sum;
}
