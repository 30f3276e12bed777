import type { CheckpointHeader, Plain } from '../checkpoint/format.js';
import { UserError } from '../errors.js';

/** What decides which checkpoint is best, and whether training still gets anywhere. */
export interface Monitor {
  /** Name of a probe's metric. */
  readonly metric: string;
  readonly better: 'higher' | 'lower';
  /** Probes without a new best after which training stops; null: never. */
  readonly patienceProbes: number | null;
}

/** Where a run stands, apart from its tensors; kept in its checkpoints. */
export interface Progress {
  /** The step that was probed last; null before the first probe. */
  readonly probedStep: number | null;
  readonly best: { readonly step: number; readonly value: number } | null;
  readonly probesSinceBest: number;
}

export const NO_PROGRESS: Progress = { probedStep: null, best: null, probesSinceBest: 0 };

/** The progress after a probe. The first value is the best so far; an equal one is not better. */
export function noteProbe(
  progress: Progress,
  step: number,
  value: number,
  better: Monitor['better'],
): Progress {
  const { best } = progress;
  const isBest = best === null || (better === 'higher' ? value > best.value : value < best.value);
  return {
    probedStep: step,
    best: isBest ? { step, value } : best,
    probesSinceBest: isBest ? 0 : progress.probesSinceBest + 1,
  };
}

/** Whether the patience is used up. */
export function isStale(progress: Progress, monitor: Monitor | null): boolean {
  return (
    monitor !== null && monitor.patienceProbes !== null && progress.probesSinceBest >= monitor.patienceProbes
  );
}

export function toPlain({ probedStep, best, probesSinceBest }: Progress): Plain {
  return { probedStep, probesSinceBest, best: best === null ? null : { step: best.step, value: best.value } };
}

/** @throws UserError when a checkpoint holds no progress of a training run */
export function toProgress({ kind, progress }: CheckpointHeader): Progress {
  const { probedStep, probesSinceBest, best } = (progress ?? {}) as Partial<Progress>;
  const isStep = (value: unknown) => value === null || Number.isInteger(value);
  const isBest = best === null || (typeof best?.step === 'number' && typeof best.value === 'number');
  if (!isStep(probedStep) || !Number.isInteger(probesSinceBest) || !isBest) {
    throw new UserError(
      'data',
      `a checkpoint of the kind ${kind} can not be resumed: it holds no progress of a training run`,
    );
  }
  return { probedStep, probesSinceBest, best } as Progress;
}
