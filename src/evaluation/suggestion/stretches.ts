/** Frames [start, stop) that a person can look at and label in one go. */
export interface Stretch {
  readonly start: number;
  readonly stop: number;
}

/** Of a stretch's length: how far an edge is moved to where the predicted class changes. */
const SNAP_SHARE = 0.25;

/**
 * Cuts the frames that nobody has labelled into stretches of about one length. Edges go to where the predicted class
 * changes, if that is near, so that bouts stay whole; stretches never overlap. Parts shorter than half the length stay
 * out, unless the whole part is shorter.
 * @param isOpen [frame] whether a frame may be suggested
 * @param predicted [frame] class indices
 */
export function cutStretches(
  isOpen: (frame: number) => boolean,
  predicted: ArrayLike<number>,
  lengthFrames: number,
): Stretch[] {
  const stretches: Stretch[] = [];
  for (let frame = 0; frame < predicted.length; frame++) {
    if (!isOpen(frame)) continue;
    const start = frame;
    while (frame < predicted.length && isOpen(frame)) frame++;
    stretches.push(...cutPart(start, frame, predicted, lengthFrames));
  }
  return stretches;
}

function cutPart(start: number, stop: number, predicted: ArrayLike<number>, lengthFrames: number): Stretch[] {
  const count = Math.max(1, Math.round((stop - start) / lengthFrames));
  const reach = Math.floor(SNAP_SHARE * lengthFrames);
  const edges = Array.from({ length: count + 1 }, (_, index) => {
    if (index === 0) return start;
    if (index === count) return stop;
    return nearestChange(predicted, start + Math.round((index * (stop - start)) / count), reach);
  });
  return Array.from({ length: count }, (_, index) => ({
    start: edges[index],
    stop: edges[index + 1],
  })).filter((own) => count === 1 || own.stop - own.start >= lengthFrames / 2);
}

/** The first frame of another class that is nearest to `frame`; `frame` itself where none is near. */
function nearestChange(predicted: ArrayLike<number>, frame: number, reach: number): number {
  for (let distance = 0; distance <= reach; distance++) {
    for (const at of [frame - distance, frame + distance]) {
      if (at > 0 && at < predicted.length && predicted[at] !== predicted[at - 1]) return at;
    }
  }
  return frame;
}

/**
 * The entropy of a frame's probabilities as a share of the highest possible: 0 sure, 1 knows nothing.
 * @param probabilities [frame, class]
 */
export function uncertaintyOf(probabilities: ArrayLike<number>, frame: number, classCount: number): number {
  let sum = 0;
  for (let index = frame * classCount; index < (frame + 1) * classCount; index++) {
    const value = probabilities[index];
    if (value > 0) sum -= value * Math.log(value);
  }
  return sum / Math.log(classCount);
}
