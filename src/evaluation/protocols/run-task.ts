import type { Dataset } from '../../data/store/dataset.js';
import { UserError } from '../../errors.js';
import type { EmitEvent } from '../../events/event.js';
import { seededRandom } from '../../random.js';
import type { FeatureSource, FittedInputs } from '../features/feature-source.js';
import type { HeadInputs } from '../features/head-inputs.js';
import { fuseProbabilities } from '../heads/fuse.js';
import { applyHead, type Head } from '../heads/head.js';
import type { ProductsFactory } from '../heads/products.js';
import { takeFewLabels } from './few-labels.js';
import { fitTaskHead, type HeadSettings } from './fit-task-head.js';
import { openTrainingView, sealTestLabels, type TrainingView } from './label-views.js';
import { type Measurement, measureTask } from './measure.js';
import { shiftLabels } from './shift-labels.js';
import { refuseCommonPoses, splitRecordings } from './split-recordings.js';
import type { FewLabels, Split, Task } from './task.js';

/** A task whose splits over a data set are known and checked. */
export interface OpenTask {
  readonly task: Task;
  readonly splits: readonly Split[];
}

export interface RunTaskOptions {
  readonly dataset: Dataset;
  readonly open: OpenTask;
  /** One: a head on these features. Several: a head each, fused late (`a & b`). */
  readonly sources: readonly FeatureSource[];
  /** Draws few labels and shifts; heads themselves depend on no seed. */
  readonly seed: number;
  readonly few: FewLabels | null;
  /** Trains on labels shifted in time: the control that must fall to chance. */
  readonly shifted: boolean;
  /** Whether the encoder behind the features saw the scored poses. */
  readonly transductive: boolean;
  /** The heads of the task's anchor, from the same sources; null where the task has none. */
  readonly anchor: TaskHeads | null;
  readonly settings: HeadSettings;
  readonly createProducts: ProductsFactory;
  readonly emit: EmitEvent;
}

/** One cell of a table of results: plain data. */
export interface TaskResult extends Measurement {
  readonly task: string;
  readonly group: string;
  readonly features: string;
  readonly seed: number;
  readonly few: FewLabels | null;
  readonly transductive: boolean;
  /** Per split: the chosen strengths of the fused heads, and how they were chosen. */
  readonly fits: readonly {
    readonly split: string;
    readonly strengths: readonly number[];
    readonly unit: string;
    readonly trainedFrames: number;
  }[];
  readonly seconds: number;
}

/** Fitted heads of one split, with what they are applied to. */
export interface TaskHeads {
  readonly split: string;
  readonly parts: readonly TaskHead[];
}

export interface TaskHead {
  readonly inputs: HeadInputs;
  readonly fitted: readonly FittedInputs[];
  readonly head: Head;
}

/** What the heads of a split say about a recording that they are scored on. */
export interface ScoredProbabilities {
  readonly recording: number;
  readonly split: string;
  /** [frame, class] */
  readonly probabilities: Float32Array;
}

/** Frames that are predicted at a time. */
const PREDICT_FRAMES = 16_384;

/** @throws UserError when the data set doesn't fit the task, or train and test share poses. */
export function openTask(dataset: Dataset, task: Task): OpenTask {
  const splits = splitRecordings(dataset, task);
  refuseCommonPoses(dataset, task, splits);
  return { task, splits };
}

/**
 * One row of a table for one task: for each split pools the features, chooses the strength within the training
 * recordings, fits and predicts; then scores all predictions once.
 */
export async function runTask(
  options: RunTaskOptions,
): Promise<{ result: TaskResult; heads: TaskHeads[]; scored: ScoredProbabilities[] }> {
  const { dataset, open, emit, seed } = options;
  const { task, splits } = open;
  const begin = performance.now();
  const features = nameFeatures(options);
  const sealed = sealTestLabels(dataset, task, splits);
  const scored: ScoredProbabilities[] = [];
  const heads: TaskHeads[] = [];
  const fits: TaskResult['fits'][number][] = [];
  for (const [fold, split] of splits.entries()) {
    const { parts, fit } = await fitSplit(options, split, splits.length > 1 ? fold : null);
    for (const recording of split.test) {
      const probabilities = predictRecording(dataset, parts, recording);
      scored.push({ recording, split: split.name, probabilities });
    }
    heads.push({ split: split.name, parts });
    fits.push(fit);
  }
  const measured = sealed.score(
    scored.map(({ probabilities }) => probabilities),
    (recordings) => measureTask(task, recordings),
  );
  emit({ type: 'result', task: task.name, features, seed, metrics: measured.metrics });
  const result: TaskResult = {
    task: task.name,
    group: task.group,
    features,
    seed,
    few: options.few,
    transductive: options.transductive,
    fits,
    seconds: (performance.now() - begin) / 1000,
    ...measured,
  };
  return { result, heads, scored };
}

/** Probabilities of every frame of a recording, [frame, class]; several heads are fused. */
export function predictRecording(
  dataset: Dataset,
  parts: readonly TaskHead[],
  recording: number,
): Float32Array {
  const { frames } = dataset.recordings[recording];
  const classCount = parts[0].head.classNames.length;
  const output = new Float32Array(frames * classCount);
  for (let start = 0; start < frames; start += PREDICT_FRAMES) {
    const count = Math.min(PREDICT_FRAMES, frames - start);
    const wanted = Uint32Array.from({ length: count }, (_, index) => start + index);
    const each = parts.map(({ inputs, head }) =>
      applyHead(head, inputs.readFrames(recording, wanted), count),
    );
    output.set(fuseProbabilities(each, classCount), start * classCount);
  }
  return output;
}

async function fitSplit(options: RunTaskOptions, split: Split, fold: number | null) {
  const { dataset, open, sources, settings, emit, seed } = options;
  const { task } = open;
  const anchors = findAnchors(options);
  if (anchors !== null && task.fitting === 'zero-shot') {
    const strengths = anchors.map(({ head }) => head.strength);
    return { parts: anchors, fit: { split: split.name, strengths, unit: 'zero-shot', trainedFrames: 0 } };
  }
  const view = openView(options, split);
  const parts: TaskHead[] = [];
  const units = new Set<string>();
  let trainedFrames = 0;
  for (const [index, source] of sources.entries()) {
    const { inputs, fitted } = anchors?.[index] ?? source.fit(view.recordings, split);
    const fit = await fitTaskHead({
      task,
      inputs,
      view,
      recordings: dataset.recordings,
      settings,
      createProducts: options.createProducts,
      anchor: anchors?.[index].head ?? null,
      onIteration: (iteration, loss) =>
        emit({ type: 'head', task: task.name, features: source.name, seed, fold, iteration, loss }),
    });
    warn(emit, `${task.name}, ${source.name}, ${split.name}`, fit.isConverged);
    parts.push({ inputs, fitted, head: fit.head });
    units.add(fit.unit);
    trainedFrames = fit.trainedFrames;
  }
  const strengths = parts.map(({ head }) => head.strength);
  return { parts, fit: { split: split.name, strengths, unit: [...units].join(', '), trainedFrames } };
}

function openView(options: RunTaskOptions, split: Split): TrainingView {
  const { dataset, open, few, shifted, seed } = options;
  const random = seededRandom(seed, 'labels', open.task.name, split.name);
  const whole = openTrainingView(dataset, open.task, split);
  const part = few === null ? whole : takeFewLabels(whole, few, open.task.classes.length, random.fork('few'));
  return shifted ? shiftLabels(part, random.fork('shift')) : part;
}

function findAnchors({ open, anchor, sources }: RunTaskOptions): readonly TaskHead[] | null {
  const { task } = open;
  if (task.fitting === 'free') return null;
  if (anchor === null || anchor.parts.length !== sources.length) {
    throw new UserError(
      'settings',
      `${task.name} starts from the head of ${task.anchor}, which was not fitted`,
      {
        hint: `Run ${task.anchor} with the same features first`,
      },
    );
  }
  return anchor.parts;
}

function nameFeatures({ sources, shifted }: RunTaskOptions): string {
  const name = sources.map((source) => source.name).join(' & ');
  return shifted ? `${name} (labels shifted)` : name;
}

function warn(emit: EmitEvent, where: string, isConverged: boolean): void {
  if (isConverged) return;
  emit({
    type: 'message',
    level: 'warning',
    text: `${where}: the head did not converge; its figure is a lower bound`,
  });
}
