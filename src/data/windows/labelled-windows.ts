import type { HostArrays } from '../../arrays.js';
import { animalOrders } from '../inputs/animal-orders.js';
import { modelFrameCount } from './resample.js';
import { enterTokens } from './tokens.js';
import { createViewWriter, type ViewSource } from './view-writer.js';
import { planWindows } from './window-plan.js';
import { shapeTokens } from './window-settings.js';

export interface LabelledWindowOptions extends ViewSource {
  /** The training recordings, by number. */
  readonly recordings: readonly number[];
  /** Labels of a recording, [frame]; negative: unlabelled. */
  readonly labels: (recording: number) => Int16Array;
  /** [class] */
  readonly classWeights: readonly number[];
  readonly batchWindows: number;
  /** Whether tokens carry the flag of hidden ones, see `BatchNeeds`. */
  readonly isFlagged: boolean;
  readonly seed: number;
}

/** Clean windows with a label for each token; everything follows from (seed, step). */
export interface LabelledWindows {
  readonly windowsPerEpoch: number;
  /**
   * Fields `tokens` [window, token, channel], `position`, `label` int32 and `labelWeight` float32 [window, token]: the
   * label of the original frame in a token's middle; weight 0 where nobody annotated, and beyond the recording.
   */
  batchAt(step: number): HostArrays;
}

/**
 * Windows of the training recordings as in pretraining: random offsets and order in each epoch. Recordings without any
 * label are left out; a batch may hold the end of one epoch and the start of the next.
 */
export function createLabelledWindows(options: LabelledWindowOptions): LabelledWindows {
  const { dataset, window, recordings, batchWindows, isFlagged, seed } = options;
  const writer = createViewWriter(options);
  const shape = shapeTokens(window, options.frontEnd);
  const channels = shape.channels + (isFlagged ? 1 : 0);
  const labels = new Map(recordings.map((recording) => [recording, options.labels(recording)]));
  const plan = planWindows({
    recordings: recordings
      .filter((recording) => labels.get(recording)?.some((label) => label >= 0))
      .map((recording) => {
        const { frames, framesPerSecond } = dataset.recordings[recording];
        return { recording, modelFrames: modelFrameCount(frames, framesPerSecond, window.framesPerSecond) };
      }),
    orderCount: animalOrders(dataset.header).length,
    windowFrames: window.windowFrames,
    seed,
  });
  const middle = (window.patchFrames - 1) / 2;
  const tokenCount = batchWindows * shape.tokens;
  return {
    windowsPerEpoch: plan.windowsPerEpoch,
    batchAt(step) {
      const tokens = new Float32Array(tokenCount * channels);
      const label = new Int32Array(tokenCount);
      const labelWeight = new Float32Array(tokenCount);
      for (let row = 0; row < batchWindows; row++) {
        const index = step * batchWindows + row;
        const place = plan.windowAt(Math.floor(index / plan.windowsPerEpoch), index % plan.windowsPerEpoch);
        enterTokens(writer.writeClean(place).tokens, isFlagged, tokens, row, shape.tokens);
        const own = labels.get(place.recording) as Int16Array;
        const { framesPerSecond } = dataset.recordings[place.recording];
        for (let token = 0; token < shape.tokens; token++) {
          const modelFrame = place.start + token * window.patchFrames + middle;
          const frame = Math.round((modelFrame * framesPerSecond) / window.framesPerSecond);
          const found = frame < own.length ? own[frame] : -1;
          if (found < 0) continue;
          label[row * shape.tokens + token] = found;
          labelWeight[row * shape.tokens + token] = options.classWeights[found];
        }
      }
      return {
        tokens: { shape: [batchWindows, shape.tokens, channels], data: tokens },
        position: {
          shape: [batchWindows, shape.tokens],
          data: Int32Array.from({ length: tokenCount }, (_, index) => index % shape.tokens),
        },
        label: { shape: [batchWindows, shape.tokens], data: label },
        labelWeight: { shape: [batchWindows, shape.tokens], data: labelWeight },
      };
    },
  };
}
