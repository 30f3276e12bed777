import { csvCell } from '../../files/csv-cell.js';
import type { TrackedPoses } from './tracked-poses.js';

/**
 * A multi-animal DeepLabCut table: four header rows, then a row a frame. Numbers have the digits that float32 needs;
 * missing points are empty cells. A point at exactly (0, 0) would be read as missing.
 */
export function* formatDeepLabCutCsv(poses: TrackedPoses, scorer: string): Generator<string, void> {
  const { animals, keypoints, frames, pose, scores } = poses;
  const coordinates = scores ? ['x', 'y', 'likelihood'] : ['x', 'y'];
  const points = animals.flatMap((animal) => keypoints.map((keypoint) => ({ animal, keypoint })));
  const header = (name: string, cell: (point: (typeof points)[number], coordinate: string) => string) =>
    `${[name, ...points.flatMap((point) => coordinates.map((coordinate) => csvCell(cell(point, coordinate))))].join(',')}\n`;
  yield header('scorer', () => scorer);
  yield header('individuals', ({ animal }) => animal);
  yield header('bodyparts', ({ keypoint }) => keypoint);
  yield header('coords', (_, coordinate) => coordinate);
  for (let frame = 0; frame < frames; frame++) {
    let line = String(frame);
    for (let point = frame * points.length; point < (frame + 1) * points.length; point++) {
      const isMissing = Number.isNaN(pose[2 * point]);
      line += isMissing ? ',,' : `,${shortest(pose[2 * point])},${shortest(pose[2 * point + 1])}`;
      if (scores) line += `,${shortest(scores[point])}`;
    }
    yield `${line}\n`;
  }
}

/** The fewest digits that give the same float32 again; nine always do. */
function shortest(value: number): string {
  for (const digits of [6, 7, 8]) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return String(rounded);
  }
  return String(Number(value.toPrecision(9)));
}
