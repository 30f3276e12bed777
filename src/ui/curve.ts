/** A loss over steps, kept at a bounded number of points: neighbours are averaged when there are too many. */
export interface Curve {
  /** How many values a point is the mean of. */
  readonly stride: number;
  readonly points: readonly CurvePoint[];
  /** Values that don't make a point yet. */
  readonly pending: readonly CurvePoint[];
}

export interface CurvePoint {
  readonly step: number;
  readonly value: number;
}

export const EMPTY_CURVE: Curve = { stride: 1, points: [], pending: [] };

const MAX_POINTS = 1024;

/** The curve with one more value. */
export function extendCurve(curve: Curve, point: CurvePoint): Curve {
  const pending = [...curve.pending, point];
  if (pending.length < curve.stride) return { ...curve, pending };
  const points = [...curve.points, meanPoint(pending)];
  if (points.length < MAX_POINTS) return { ...curve, points, pending: [] };
  const halved = Array.from({ length: MAX_POINTS / 2 }, (_, index) =>
    meanPoint(points.slice(2 * index, 2 * index + 2)),
  );
  return { stride: 2 * curve.stride, points: halved, pending: [] };
}

function meanPoint(points: readonly CurvePoint[]): CurvePoint {
  const value = points.reduce((sum, point) => sum + point.value, 0) / points.length;
  return { step: points[points.length - 1].step, value };
}

/** Whether a curve has a logarithm. */
export function isPositive({ points, pending }: Curve): boolean {
  return [...points, ...pending].every(({ value }) => !(value <= 0));
}

/** Braille cells hold 2 x 4 dots; the bit of each dot, by column and row (Unicode chapter 21.1). */
const DOT_BITS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

export interface Plot {
  /** Rows from top to bottom, each `columns` braille characters. */
  readonly rows: readonly string[];
  readonly low: number;
  readonly high: number;
}

/**
 * Draws values as a line of dots from the first step (left) to `lastStep` (right); between neighbours the line is
 * drawn through. Values that aren't finite leave a gap.
 * @param isLogScale heights by the logarithm; only where all values are above 0
 */
export function plotCurve(
  curve: Curve,
  columns: number,
  rows: number,
  lastStep: number,
  isLogScale = false,
): Plot {
  const points = [...curve.points, ...curve.pending].filter((point) => Number.isFinite(point.value));
  const values = points.map((point) => point.value);
  const [low, high] = values.length === 0 ? [0, 0] : [Math.min(...values), Math.max(...values)];
  const [width, height] = [2 * columns, 4 * rows];
  const cells = Array.from({ length: rows }, () => new Uint8Array(columns));
  const scale = isLogScale ? Math.log : (value: number) => value;
  const scaled = points.map(({ step, value }) => ({ step, value: scale(value) }));
  const heights = dotHeights(scaled, { width, height, low: scale(low), high: scale(high), lastStep });
  let before: number | undefined;
  for (let x = 0; x < width; x++) {
    const y = heights[x];
    if (y !== undefined) {
      const [from, to] = before === undefined ? [y, y] : [Math.min(before, y), Math.max(before, y)];
      for (let dot = from; dot <= to; dot++) setDot(cells, x, height - 1 - dot);
    }
    before = y;
  }
  return {
    rows: cells.map((row) => String.fromCodePoint(...[...row].map((bits) => 0x2800 + bits))),
    low,
    high,
  };
}

/** The height of the line at each dot column; undefined before the first and behind the last point. */
function dotHeights(
  points: readonly CurvePoint[],
  frame: { width: number; height: number; low: number; high: number; lastStep: number },
): (number | undefined)[] {
  const { width, height, low, high, lastStep } = frame;
  const sums = new Float64Array(width);
  const counts = new Uint32Array(width);
  const first = points[0]?.step ?? 0;
  const span = lastStep > first ? lastStep - first : 1;
  for (const { step, value } of points) {
    const x = Math.min(width - 1, Math.floor(((step - first) / span) * (width - 1) + 0.5));
    sums[x] += value;
    counts[x]++;
  }
  const heights = new Array<number | undefined>(width).fill(undefined);
  let last = -1;
  for (let x = 0; x < width; x++) {
    if (counts[x] === 0) continue;
    const share = high > low ? (sums[x] / counts[x] - low) / (high - low) : 0.5;
    heights[x] = Math.round(share * (height - 1));
    for (let gap = last + 1; last >= 0 && gap < x; gap++) {
      const [from, to] = [heights[last] as number, heights[x] as number];
      heights[gap] = Math.round(from + ((to - from) * (gap - last)) / (x - last));
    }
    last = x;
  }
  return heights;
}

function setDot(cells: readonly Uint8Array[], x: number, y: number): void {
  cells[y >> 2][x >> 1] |= DOT_BITS[x & 1][y & 3];
}
