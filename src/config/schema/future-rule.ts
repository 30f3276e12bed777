import type { Contradiction } from './rule.js';

/** The settings that the rule reads. */
export interface FutureChecked {
  readonly window: { readonly framesPerSecond: number; readonly windowFrames: number };
  readonly inputs: { readonly context: { readonly scalesSeconds: readonly number[] } | null };
  readonly objectives: readonly { readonly type: string; readonly horizonsSeconds?: readonly number[] }[];
  readonly training: { readonly batchWindows: number };
}

/** A future window shows nothing that the first one has seen, and a batch is equal parts of windows and futures. */
export function futures(settings: FutureChecked): readonly Contradiction[] {
  const { window, inputs, objectives, training } = settings;
  const reach = Math.max(0, ...(inputs.context?.scalesSeconds ?? []));
  const nearest = window.windowFrames / window.framesPerSecond + 2 * reach;
  return objectives.flatMap(({ horizonsSeconds }, index): readonly Contradiction[] => {
    if (horizonsSeconds === undefined) return [];
    const found: Contradiction[] = [];
    const low = Math.min(...horizonsSeconds);
    if (low < nearest) {
      const seen = reach === 0 ? 'a window' : 'a window with its context on both sides';
      const message = `must be at least ${Number(nearest.toPrecision(4))} (${seen}), got ${low}`;
      found.push({
        at: [
          ['objectives', index, 'horizonsSeconds'],
          ['window', 'windowFrames'],
          ['inputs', 'context'],
        ],
        message,
      });
    }
    const parts = 1 + horizonsSeconds.length;
    if (training.batchWindows % parts !== 0) {
      const message = `must be a multiple of ${parts} for the objective future (windows, and those at each horizon), got ${training.batchWindows}`;
      found.push({
        at: [
          ['training', 'batchWindows'],
          ['objectives', index, 'horizonsSeconds'],
        ],
        message,
      });
    }
    return found;
  });
}
