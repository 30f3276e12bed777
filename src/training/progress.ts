import type { CheckpointHeader, Plain } from '../checkpoint/format.js';
import { UserError } from '../errors.js';
import { NOTHING_PENDING, type PendingReport } from './step-report.js';

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
  /** Steps whose update was left out, since a number was not finite. */
  readonly skippedSteps: number;
  /** What is left of the learning rate: halved once for each such step where that was asked for. */
  readonly rateFactor: number;
  /** Steps that no `step` event has told yet, so that a resumed run tells them as one that was never stopped. */
  readonly pending: PendingReport;
}

export const NO_PROGRESS: Progress = {
  probedStep: null,
  best: null,
  probesSinceBest: 0,
  skippedSteps: 0,
  rateFactor: 1,
  pending: NOTHING_PENDING,
};

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
    ...progress,
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

export function toPlain(progress: Progress): Plain {
  return JSON.parse(JSON.stringify(progress)) as Plain;
}

/**
 * What a checkpoint's header says of its run. Checkpoints of the first versions hold the first three entries only.
 * @throws UserError when it holds no progress of a training run
 */
export function toProgress({ kind, progress }: CheckpointHeader): Progress {
  const read = { ...NO_PROGRESS, probesSinceBest: undefined, ...((progress ?? {}) as Partial<Progress>) };
  const { probedStep, probesSinceBest, best, skippedSteps, rateFactor, pending } = read;
  const isStep = probedStep === null || Number.isInteger(probedStep);
  const isBest = best === null || (typeof best?.step === 'number' && typeof best.value === 'number');
  const isCounted = Number.isInteger(skippedSteps) && rateFactor > 0 && Number.isInteger(pending?.steps);
  if (
    !isStep ||
    probesSinceBest === undefined ||
    !Number.isInteger(probesSinceBest) ||
    !isBest ||
    !isCounted
  ) {
    throw new UserError(
      'data',
      `a checkpoint of the kind ${kind} can not be resumed: it holds no progress of a training run`,
    );
  }
  return { probedStep, probesSinceBest, best, skippedSteps, rateFactor, pending };
}
