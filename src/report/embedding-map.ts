import { UMAP } from 'umap-js';

/** Seeded numbers in [0, 1). */
interface UniformSource {
  uniform(): number;
}

const NEIGHBOURS = 15;
const LEAST_DISTANCE = 0.15;
/** Fewer points than this have no neighbourhoods: they keep their first two columns. */
const FEWEST_POINTS = 3 * NEIGHBOURS;

/**
 * Points in two dimensions by UMAP (McInnes, Healy & Melville 2018), neighbours stay neighbours; distances between groups
 * mean little. The same numbers give the same map.
 * @param rows [point, width] @returns [point, 2]
 */
export function placeByUmap(rows: Float32Array, width: number, random: UniformSource): Float32Array {
  const points = Array.from({ length: rows.length / width }, (_, point) =>
    Array.from(rows.subarray(point * width, (point + 1) * width)),
  );
  if (points.length < FEWEST_POINTS) return Float32Array.from(points.flatMap(([x = 0, y = 0]) => [x, y]));
  const umap = new UMAP({
    nComponents: 2,
    nNeighbors: NEIGHBOURS,
    minDist: LEAST_DISTANCE,
    random: () => random.uniform(),
  });
  return Float32Array.from(umap.fit(points).flat());
}
