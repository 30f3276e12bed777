import { statfsSync, statSync } from 'node:fs';
import { freemem } from 'node:os';
import { dirname } from 'node:path';
import { sizeOf } from '../arrays.js';
import { listSteps, stepPath } from '../checkpoint/run-folder.js';
import type { DeepReadonly } from '../config/freeze.js';
import type { PretrainSettings } from '../config/schema/pretrain.js';
import { UserError } from '../errors.js';
import { availableMemory } from '../processes.js';
import { seededRandom } from '../random.js';
import { countWorkers } from './run-parts.js';
import { buildStep, type TrainingPlan } from './training-plan.js';

/** Node.js, TensorFlow and the compiled program of a small step. */
const BASE_BYTES = 600e6;
const WORKER_BYTES = 60e6;
const FLOAT_BYTES = 4;
/** A run is refused when it needs this much more than there is: the figure is a rough one. */
const MARGIN = 1.25;

/** What a run will hold, from its settings alone. */
export interface Needs {
  readonly memoryBytes: number;
  readonly checkpointBytes: number;
  /** Of all checkpoints that stay. */
  readonly diskBytes: number;
}

/** @param totalSteps null where it isn't known yet: then the newest checkpoints alone are counted */
export function estimateNeeds(
  settings: DeepReadonly<PretrainSettings>,
  plan: TrainingPlan,
  totalSteps: number | null,
): Needs {
  const { init } = buildStep(settings, plan, 1);
  const state = Object.values(init(seededRandom(settings.seed, 'parameters')));
  const stateBytes = FLOAT_BYTES * state.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const { keepNewest, keepEverySteps, everySteps } = settings.checkpoint;
  const made = totalSteps === null ? keepNewest : Math.ceil(totalSteps / everySteps);
  const spread = keepEverySteps === null || totalSteps === null ? 0 : Math.floor(totalSteps / keepEverySteps);
  const best = settings.probe?.monitor ? 1 : 0;
  return {
    // The state on the device, its successor while it is written, and the copy that a checkpoint is made of.
    memoryBytes:
      BASE_BYTES +
      countWorkers(settings.training) * WORKER_BYTES +
      3 * stateBytes +
      FLOAT_BYTES * countActivations(settings, plan),
    checkpointBytes: stateBytes,
    diskBytes: (Math.min(made, keepNewest) + spread + best) * stateBytes,
  };
}

/**
 * Numbers that a step keeps for its gradients, and batches that wait for theirs. A transformer block keeps about ten
 * times its width and three times its hidden units for each token, and three maps of attention; a convolution its
 * unfolded input.
 */
function countActivations({ encoder, training }: DeepReadonly<PretrainSettings>, plan: TrainingPlan): number {
  const { needs, batchSize } = plan.batchJob;
  const { windowFrames, patchFrames } = plan.model.window;
  const windowTokens = Math.floor(windowFrames / patchFrames);
  const hiddenShare = needs.mask === null || needs.tokens === 'all' ? 0 : needs.mask.ratio;
  const tokens = Math.ceil(windowTokens * (1 - hiddenShare));
  const rows = batchSize * needs.views;
  const channels = plan.model.frontEnd.channels.length * patchFrames;
  const waiting = (2 * countWorkers(training) + 2) * rows * windowTokens * 2 * channels;
  if (encoder.type === 'transformer') {
    const perToken = 10 * encoder.width + 3 * encoder.feedForward + 3 * encoder.heads * tokens;
    return waiting + rows * tokens * encoder.layers * perToken;
  }
  if (encoder.type === 'mlp') {
    const hidden = encoder.hiddenWidths.reduce((sum, width) => sum + width, encoder.width);
    return waiting + rows * tokens * 3 * hidden;
  }
  const perToken = encoder.width * (encoder.kernelTokens + 6);
  return waiting + rows * tokens * encoder.dilations.length * perToken;
}

/**
 * @param isOnHost whether the step computes in the machine's own memory
 * @throws UserError (`device`) when the run can't fit into memory or onto the disk, with the settings to lower
 */
export function refuseWhatCannotFit(
  settings: DeepReadonly<PretrainSettings>,
  needs: Needs,
  limits: { readonly memoryBytes: number; readonly diskBytes: number },
  isOnHost: boolean,
): void {
  const { training, window, encoder, checkpoint } = settings;
  const goOn = 'To try it all the same: --ignore-limits';
  if (isOnHost && needs.memoryBytes > MARGIN * limits.memoryBytes) {
    throw new UserError(
      'device',
      `The run needs about ${gigabytes(needs.memoryBytes)} of memory, and ${gigabytes(limits.memoryBytes)} are free`,
      {
        hint: `Lower training.batchWindows (${training.batchWindows}), window.windowFrames (${window.windowFrames}) or encoder.width (${encoder.width}); --dry-run measures what is left. ${goOn}`,
      },
    );
  }
  // One more is there while it is written.
  const diskBytes = needs.diskBytes + needs.checkpointBytes;
  if (diskBytes > limits.diskBytes) {
    const spread =
      checkpoint.keepEverySteps === null
        ? ''
        : `, raise checkpoint.keepEverySteps (${checkpoint.keepEverySteps})`;
    throw new UserError(
      'device',
      `The checkpoints need ${gigabytes(diskBytes)} on the disk, and ${gigabytes(limits.diskBytes)} are free`,
      {
        hint: `Make room, or lower checkpoint.keepNewest (${checkpoint.keepNewest})${spread}. ${goOn}`,
      },
    );
  }
}

/** What the machine has to give now: memory that can be had without swapping, and room for the checkpoints of a run. */
export function measureLimits(folder: string): { readonly memoryBytes: number; readonly diskBytes: number } {
  return { memoryBytes: availableMemory() ?? freemem(), diskBytes: freeDisk(folder) + writtenBytes(folder) };
}

/** Of the checkpoints that a run has already: those to come take their place. */
function writtenBytes(runFolder: string): number {
  return listSteps(runFolder).reduce((sum, step) => sum + statSync(stepPath(runFolder, step)).size, 0);
}

function freeDisk(folder: string): number {
  for (let path = folder; ; path = dirname(path)) {
    try {
      const { bavail, bsize } = statfsSync(path);
      return bavail * bsize;
    } catch (error) {
      // The run's folder, and those above it, may not be there yet.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
    }
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
