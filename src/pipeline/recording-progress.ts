import type { RunContext } from './run-context.js';

/** Tells frames per second and the time that is left; `add` lets messages and signals in between. */
export function startProgress(
  recordings: readonly { readonly frames: number }[],
  phase: string,
  { emit }: Pick<RunContext, 'emit'>,
): { add(frames: number): Promise<void> } {
  const started = performance.now();
  const total = recordings.reduce((sum, { frames }) => sum + frames, 0);
  let done = 0;
  return {
    add(frames) {
      done += frames;
      const ratePerSecond = done / ((performance.now() - started) / 1000);
      const etaSeconds = (total - done) / ratePerSecond;
      emit({ type: 'progress', phase, done, total, unit: 'frames', ratePerSecond, etaSeconds });
      return new Promise(setImmediate);
    },
  };
}
