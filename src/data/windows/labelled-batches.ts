import type { HostArrays } from '../../arrays.js';
import { type Random, seededRandom } from '../../random.js';
import type { FrameWindows } from './frame-windows.js';

/** Labelled frames of a recording: ascending frames and their classes. */
export interface LabelledPlaces {
  readonly recording: number;
  readonly frames: Uint32Array;
  readonly labels: Int16Array;
}

export interface LabelledBatchOptions {
  readonly windows: FrameWindows;
  readonly places: readonly LabelledPlaces[];
  /** [class] */
  readonly classWeights: readonly number[];
  readonly batchFrames: number;
  /** Shapes of dropout masks, without the window axis; empty: none. */
  readonly dropout: readonly { readonly samples: number; readonly channels: number }[];
  readonly seed: string;
}

/** Batches of windows around labelled frames; everything follows from (seed, step). */
export interface LabelledBatches {
  readonly frames: number;
  /** Fields `windows`, `label`, `labelWeight`, `keep0`, `keep1`, ... of a step. */
  batchAt(step: number): HostArrays;
}

/**
 * Every labelled frame once in each pass, in an order drawn anew; a batch may hold the end of one pass and the start of
 * the next. Exchangeable animals are seen in an order drawn for each window.
 */
export function createLabelledBatches(options: LabelledBatchOptions): LabelledBatches {
  const { windows, places, classWeights, batchFrames, dropout, seed } = options;
  const owner = Uint32Array.from(places.flatMap(({ frames }, place) => Array.from(frames, () => place)));
  const within = Uint32Array.from(places.flatMap(({ frames }) => [...frames.keys()]));
  const orders = new Map<number, Uint32Array>();
  const orderOf = (pass: number): Uint32Array => {
    const known = orders.get(pass) ?? seededRandom(seed, 'frames', pass).permutation(owner.length);
    if (!orders.has(pass)) {
      if (orders.size > 1) orders.clear();
      orders.set(pass, known);
    }
    return known;
  };
  return {
    frames: owner.length,
    batchAt(step) {
      const random = seededRandom(seed, 'windows', step);
      const size = windows.samples * windows.channels;
      const data = new Float32Array(batchFrames * size);
      const label = new Int32Array(batchFrames);
      const labelWeight = new Float32Array(batchFrames);
      for (let row = 0; row < batchFrames; row++) {
        const position = step * batchFrames + row;
        const index = orderOf(Math.floor(position / owner.length))[position % owner.length];
        const { recording, frames, labels } = places[owner[index]];
        const order = random.integer(windows.orderCount);
        windows.write(recording, order, frames[within[index]], data, row * size);
        label[row] = labels[within[index]];
        labelWeight[row] = classWeights[label[row]];
      }
      return {
        windows: { shape: [batchFrames, windows.samples, windows.channels], data },
        label: { shape: [batchFrames], data: label },
        labelWeight: { shape: [batchFrames], data: labelWeight },
        ...Object.fromEntries(
          dropout.map(({ samples, channels }, layer) => [
            `keep${layer}`,
            {
              shape: [batchFrames, samples, channels],
              data: drawHalf(random.fork('keep', layer), batchFrames * samples * channels),
            },
          ]),
        ),
      };
    },
  };
}

/** 0 or 1 with equal chance: 32 of them from each random number. */
function drawHalf(random: Random, count: number): Float32Array {
  const values = new Float32Array(count);
  for (let at = 0; at < count; at += 32) {
    let bits = Math.floor(random.uniform() * 2 ** 32);
    for (let index = at; index < Math.min(at + 32, count); index++) {
      values[index] = bits & 1;
      bits >>>= 1;
    }
  }
  return values;
}
