import type { Dataset } from '../../data/store/dataset.js';
import { UserError } from '../../errors.js';
import type { EmitEvent } from '../../events/event.js';
import { type BoutChoice, chooseBouts } from '../bouts/choose-bouts.js';
import type { FeatureSource } from '../features/feature-source.js';
import { equalShares, fuseProbabilities, listShares } from '../heads/fuse.js';
import { applyHead } from '../heads/head.js';
import type { ProductsFactory } from '../heads/products.js';
import type { Classifier, FitSummary, FittedClassifier, Lesson, TaskHead } from './classifier.js';
import {
  type FittedTaskHead,
  fitTaskHead,
  type HeadSettings,
  joinLabels,
  scoreHeldOut,
} from './fit-task-head.js';
import { heldOutOfAll, joinHeldOut } from './held-out.js';
import type { Task } from './task.js';

export interface LinearHeadsOptions {
  /** One: a head on these features. Several: a head each, fused late (`a & b`). */
  readonly sources: readonly FeatureSource[];
  readonly settings: HeadSettings;
  readonly createProducts: ProductsFactory;
  /** Heads that other rows have fitted already: those that fuse share them. null: everything is fitted anew. */
  readonly memory: {
    readonly heads: HeadMemory;
    /** Names everything that the head on a source follows from. */
    nameOf(source: number, lesson: Lesson): string;
  } | null;
}

/** Fitted heads by name, with what they have said. */
export type HeadMemory = Map<string, FittedPart>;

type FittedPart = TaskHead &
  Pick<FittedTaskHead, 'unit' | 'places' | 'heldOut'> & {
    /** By recording: [frame, class]. */
    readonly predictions: Map<number, Float32Array>;
  };

/** Frames that are predicted at a time. */
const PREDICT_FRAMES = 16_384;

/** Logistic regression to convergence on frozen, pooled features. Heads themselves depend on no seed. */
export function createLinearHeads(options: LinearHeadsOptions): Classifier {
  return {
    name: options.sources.map((source) => source.name).join(' & '),
    method: 'logistic regression',
    async fit(lesson) {
      const { dataset, split, task, anchor } = lesson;
      const anchors = findAnchors(options, lesson);
      if (anchors !== null && task.fitting === 'zero-shot') {
        const strengths = anchors.map(({ head }) => head.strength);
        const { bouts, shares } = (anchor as FittedClassifier).fit;
        const fit = { split: split.name, strengths, shares, unit: 'zero-shot', trainedFrames: 0, bouts };
        return wrapHeads(anchors, fit, (recording) => predictRecording(dataset, anchors, shares, recording));
      }
      return fitHeadsOf(options, lesson, anchors);
    },
  };
}

/** Probabilities of every frame of a recording, [frame, class]; several heads are fused. @param shares of `parts` */
export function predictRecording(
  dataset: Dataset,
  parts: readonly TaskHead[],
  shares: readonly number[],
  recording: number,
): Float32Array {
  const each = parts.map((part) => predictPart(dataset, part, recording));
  return fuseProbabilities(each, parts[0].head.classNames.length, shares);
}

function predictPart(dataset: Dataset, { inputs, head }: TaskHead, recording: number): Float32Array {
  const { frames } = dataset.recordings[recording];
  const classCount = head.classNames.length;
  const output = new Float32Array(frames * classCount);
  for (let start = 0; start < frames; start += PREDICT_FRAMES) {
    const count = Math.min(PREDICT_FRAMES, frames - start);
    const wanted = Uint32Array.from({ length: count }, (_, index) => start + index);
    output.set(applyHead(head, inputs.readFrames(recording, wanted), count), start * classCount);
  }
  return output;
}

async function fitHeadsOf(
  options: LinearHeadsOptions,
  lesson: Lesson,
  anchors: readonly TaskHead[] | null,
): Promise<FittedClassifier> {
  const { dataset, task, split } = lesson;
  const { sources, memory } = options;
  const parts: FittedPart[] = [];
  for (const [index, source] of sources.entries()) {
    const name = memory?.nameOf(index, lesson) ?? '';
    const part =
      memory?.heads.get(name) ?? (await fitPart(options, lesson, source, anchors?.[index] ?? null));
    memory?.heads.set(name, part);
    parts.push(part);
  }
  const remember = (part: FittedPart, recording: number): Float32Array => {
    const known = part.predictions.get(recording) ?? predictPart(dataset, part, recording);
    if (memory !== null) part.predictions.set(recording, known);
    return known;
  };
  const shares = chooseShares(task, parts, options.settings);
  const fit = {
    split: split.name,
    strengths: parts.map(({ head }) => head.strength),
    shares,
    unit: [...new Set(parts.map((part) => part.unit))].join(', '),
    trainedFrames: parts[0].places.reduce((sum, { frames }) => sum + frames.length, 0),
    bouts: chooseBoutsOf(task, parts, shares, options.settings, dataset),
  };
  return wrapHeads(parts, fit, (recording) => {
    const each = parts.map((part) => remember(part, recording));
    return fuseProbabilities(each, task.classes.length, shares);
  });
}

/** How much each of the fused heads counts: by what their folds say of the frames that they held out. */
function chooseShares(task: Task, parts: readonly FittedPart[], settings: HeadSettings): readonly number[] {
  const equal = equalShares(parts.length);
  if (parts.length === 1 || settings.fusion === 'equal') return equal;
  const heldOut = heldOutOfAll(parts);
  if (heldOut === null) return equal;
  const labels = joinLabels(parts[0].places);
  const scored = listShares(parts.length).map((shares) => {
    const fused = fuseProbabilities(heldOut.probabilities, task.classes.length, shares);
    const score = scoreHeldOut({ task, settings }, labels, heldOut.frames, Float64Array.from(fused));
    return { shares, score };
  });
  return scored.reduce((best, next) => (next.score > best.score ? next : best)).shares;
}

/** By what the folds of all fused heads say together; null where nothing was held out. */
function chooseBoutsOf(
  task: Task,
  parts: readonly FittedPart[],
  shares: readonly number[],
  settings: HeadSettings,
  { recordings }: Dataset,
): BoutChoice | null {
  const runs = joinHeldOut(parts, task.classes.length, settings.everyFrames, recordings, shares);
  if (runs === null) return null;
  const scored = task.scoredClasses.map((name) => task.classes.indexOf(name));
  return chooseBouts(runs, task.classes.length, scored, settings);
}

async function fitPart(
  { settings, createProducts }: LinearHeadsOptions,
  { dataset, task, split, view, seed, fold, emit }: Lesson,
  source: FeatureSource,
  anchor: TaskHead | null,
): Promise<FittedPart> {
  const { inputs, fitted } = anchor ?? source.fit(view.recordings, split);
  const { head, unit, places, heldOut, isConverged } = await fitTaskHead({
    ...{ task, inputs, view, settings, createProducts },
    recordings: dataset.recordings,
    anchor: anchor?.head ?? null,
    onIteration: (iteration, loss) =>
      emit({ type: 'head', task: task.name, features: source.name, seed, fold, iteration, loss }),
  });
  warn(emit, `${task.name}, ${source.name}, ${split.name}`, isConverged);
  return { inputs, fitted, head, unit, places, heldOut, predictions: new Map() };
}

function wrapHeads(
  parts: readonly TaskHead[],
  fit: FitSummary,
  predict: FittedClassifier['predict'],
): FittedClassifier {
  return { split: fit.split, parts, fit, predict, dispose() {} };
}

function findAnchors({ sources }: LinearHeadsOptions, { task, anchor }: Lesson): readonly TaskHead[] | null {
  if (task.fitting === 'free') return null;
  if (anchor === null || anchor.parts.length !== sources.length) {
    throw new UserError(
      'settings',
      `${task.name} starts from the head of ${task.anchor}, which was not fitted`,
      { hint: `Run ${task.anchor} with the same features first` },
    );
  }
  return anchor.parts;
}

function warn(emit: EmitEvent, where: string, isConverged: boolean): void {
  if (isConverged) return;
  emit({
    type: 'message',
    level: 'warning',
    text: `${where}: the head did not converge; its figure is a lower bound`,
  });
}
