import { CONFIDENCE_FRAMES } from '../report-data.js';

export interface StripPlace {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Frames [start, stop) of a strip. */
export interface Range {
  readonly start: number;
  readonly stop: number;
}

/** Draws labels as a strip of colours; where several share a pixel, the most frequent one that isn't grey wins. */
export function drawLabels(
  context: CanvasRenderingContext2D,
  labels: Int16Array,
  colours: readonly string[],
  isScored: readonly boolean[],
  { start, stop }: Range,
  place: StripPlace,
): void {
  const columns = Math.max(1, Math.round(place.width * 2));
  const labelAt = (column: number) => {
    const from = Math.floor(start + (column / columns) * (stop - start));
    const to = Math.max(from + 1, Math.floor(start + ((column + 1) / columns) * (stop - start)));
    return majority(labels, from, to, isScored);
  };
  for (let column = 0; column < columns; ) {
    const from = column;
    const label = labelAt(from);
    while (column < columns && labelAt(column) === label) column++;
    if (label < 0) continue;
    context.fillStyle = colours[label];
    const left = place.left + (from / columns) * place.width;
    context.fillRect(left, place.top, place.left + (column / columns) * place.width - left, place.height);
  }
}

function majority(labels: Int16Array, from: number, to: number, isScored: readonly boolean[]): number {
  if (to - from <= 1) return labels[from] ?? -1;
  const counts = new Float64Array(isScored.length);
  let best = -1;
  for (let frame = from; frame < to && frame < labels.length; frame++) {
    const label = labels[frame];
    if (label < 0) continue;
    counts[label] += isScored[label] ? 1.5 : 1;
    if (best < 0 || counts[label] > counts[best]) best = label;
  }
  return best;
}

/** Draws the confidence as a line from the bottom (0) to the top (1) of its place. */
export function drawConfidence(
  context: CanvasRenderingContext2D,
  confidence: Uint8Array,
  colour: string,
  { start, stop }: Range,
  place: StripPlace,
): void {
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  const columns = Math.min(place.width, Math.max(2, (stop - start) / CONFIDENCE_FRAMES));
  for (let column = 0; column <= columns; column++) {
    const from = Math.floor((start + (column / columns) * (stop - start)) / CONFIDENCE_FRAMES);
    const to = Math.max(
      from + 1,
      Math.floor((start + ((column + 1) / columns) * (stop - start)) / CONFIDENCE_FRAMES),
    );
    const own = confidence.subarray(from, to);
    if (own.length === 0) continue;
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length / 255;
    context.lineTo(
      place.left + (column / columns) * place.width,
      place.top + (1 - mean) * (place.height - 1) + 0.5,
    );
  }
  context.stroke();
}

/** Round steps of time, in seconds, so that about `most` of them fit. */
function timeStep(seconds: number, most: number): number {
  const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
  return steps.find((step) => seconds / step <= most) ?? 7200;
}

/** Ticks of a time axis below a strip. */
export function drawTimeAxis(
  context: CanvasRenderingContext2D,
  { start, stop }: Range,
  framesPerSecond: number,
  place: StripPlace,
  colours: { readonly text: string; readonly line: string },
): void {
  const [from, to] = [start / framesPerSecond, stop / framesPerSecond];
  const step = timeStep(to - from, Math.max(2, place.width / 90));
  context.font = '11px system-ui, sans-serif';
  context.textBaseline = 'top';
  for (let time = Math.ceil(from / step) * step; time <= to + 1e-9; time += step) {
    const x = place.left + ((time - from) / (to - from)) * place.width;
    context.fillStyle = colours.line;
    context.fillRect(Math.round(x), place.top, 1, 4);
    context.fillStyle = colours.text;
    const minutes = Math.floor(time / 60 + 1e-9);
    const seconds = time - 60 * minutes;
    const text = `${minutes}:${step < 1 ? seconds.toFixed(1).padStart(4, '0') : String(Math.round(seconds)).padStart(2, '0')}`;
    context.textAlign = x < place.left + 12 ? 'left' : x > place.left + place.width - 12 ? 'right' : 'center';
    context.fillText(text, x, place.top + 5);
  }
}
