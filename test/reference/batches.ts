import type { HostArrays } from '../../src/arrays.js';
import type { Needs } from '../../src/model/objectives/objective.js';
import { seededRandom } from '../../src/random.js';

/** Extents of a made-up batch. */
export interface BatchShape {
  readonly windows: number;
  readonly windowTokens: number;
  readonly channels: number;
  readonly targetChannels: number;
  readonly tokens: 'visible' | 'all';
}

/**
 * A batch that fulfils `needs`: every window is a set of sine waves of its own frequencies, so that its hidden tokens
 * follow from the visible ones; another step draws other windows and masks.
 */
export function makeBatch(shape: BatchShape, needs: Needs, step: number): HostArrays {
  const { windows, windowTokens, channels, targetChannels } = shape;
  const random = seededRandom(7, 'batch', step);
  const rows = needs.views * windows;
  const hiddenCount = needs.mask === null ? 0 : Math.round(windowTokens * needs.mask.ratio);
  const seenCount = shape.tokens === 'all' ? windowTokens : windowTokens - hiddenCount;
  const waves = Array.from({ length: windows }, () => [0.2 + random.uniform(), 6 * random.uniform()]);
  const truth = (row: number, token: number, channel: number) => {
    const [speed, start] = waves[row % windows];
    return Math.sin(start + speed * token + channel);
  };

  const tokens: number[] = [];
  const position: number[] = [];
  const hidden: number[] = [];
  const target: number[] = [];
  for (let row = 0; row < rows; row++) {
    const order = [...random.permutation(windowTokens)];
    const out = order.slice(0, hiddenCount).sort((a, b) => a - b);
    const visible = order.slice(hiddenCount).sort((a, b) => a - b);
    const seen = shape.tokens === 'all' ? Array.from(order, (_, token) => token) : visible;
    for (const token of seen) {
      position.push(token);
      const isHidden = out.includes(token);
      for (let channel = 0; channel < channels; channel++)
        tokens.push(isHidden ? 0 : truth(row, token, channel));
    }
    for (const token of out) {
      hidden.push(token);
      for (let channel = 0; channel < targetChannels; channel++) target.push(truth(row, token, channel));
    }
  }
  const float = (extents: number[], values: readonly number[]) => ({
    shape: extents,
    data: Float32Array.from(values),
  });
  const int = (extents: number[], values: readonly number[]) => ({
    shape: extents,
    data: Int32Array.from(values),
  });
  const whole = Array.from({ length: rows * windowTokens * targetChannels }, (_, index) =>
    truth(
      Math.floor(index / (windowTokens * targetChannels)),
      Math.floor(index / targetChannels) % windowTokens,
      index % targetChannels,
    ),
  );
  const clean = Array.from({ length: windows * windowTokens * channels }, (_, index) =>
    truth(
      Math.floor(index / (windowTokens * channels)),
      Math.floor(index / channels) % windowTokens,
      index % channels,
    ),
  );
  return {
    tokens: float([rows, seenCount, channels], tokens),
    position: int([rows, seenCount], position),
    recording: int(
      [windows],
      Array.from({ length: windows }, (_, window) => window % 3),
    ),
    startSeconds: float(
      [windows],
      Array.from({ length: windows }, (_, window) => 10 * window),
    ),
    windowWeight: float([rows], new Array(rows).fill(1)),
    ...(needs.truth
      ? {
          truth: float([rows, windowTokens, targetChannels], whole),
          truthWeight: float([rows, windowTokens, targetChannels], new Array(whole.length).fill(1)),
        }
      : {}),
    ...(needs.clean ? { clean: float([windows, windowTokens, channels], clean) } : {}),
    ...(needs.mask === null
      ? {}
      : {
          hidden: int([rows, hiddenCount], hidden),
          target: float([rows, hiddenCount, targetChannels], target),
          targetWeight: float([rows, hiddenCount, targetChannels], new Array(target.length).fill(1)),
        }),
  };
}
