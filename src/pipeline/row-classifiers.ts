import type { DeepReadonly } from '../config/freeze.js';
import type { FinetuneSettings } from '../config/schema/finetune.js';
import type { Dataset } from '../data/store/dataset.js';
import type { Engine } from '../engine/engine.js';
import { createBoostedTrees } from '../evaluation/baselines/boosted-trees.js';
import { startTrees, type TreeOptions } from '../evaluation/baselines/tree-process.js';
import { createCompiledProducts } from '../evaluation/heads/compiled-products.js';
import type { Classifier, Lesson } from '../evaluation/protocols/classifier.js';
import { createLinearHeads, type HeadMemory } from '../evaluation/protocols/linear-heads.js';
import type { Split } from '../evaluation/protocols/task.js';
import { createConvNetRow } from './conv-net-row.js';
import type { FeatureShelf } from './feature-rows.js';
import { createFineTunedRow } from './fine-tuned-row.js';
import type { RunContext } from './run-context.js';
import { isSeeded, type RunEncoders } from './run-encoders.js';
import type { TrainedPlace } from './trained-folder.js';

/** What rows are made from. */
export interface RowWorld {
  readonly settings: DeepReadonly<FinetuneSettings>;
  readonly dataset: Dataset;
  readonly engine: Engine;
  readonly encoders: RunEncoders;
  readonly shelf: FeatureShelf;
  /** Grows while rows are measured. */
  readonly heads: HeadMemory;
  readonly context: RunContext;
  /** Of scikit-learn, where a row asks for it. */
  readonly treesVersion: string | null;
}

/** The classifier of a row of the table, as settings write it, for a task with these splits. */
export async function openRow(
  world: RowWorld,
  row: string,
  splits: readonly Split[],
  place: TrainedPlace,
): Promise<Classifier> {
  const { settings, dataset, engine, encoders, shelf, context } = world;
  const { seed } = place;
  switch (row) {
    case 'boosted-trees': {
      const { features, python, iterations } = settings.boostedTrees;
      const [source] = await shelf.sourcesOf(features, splits, seed);
      return createBoostedTrees({
        ...{ source, python, iterations, trees: treeOptions(settings), settings: settings.head },
        version: world.treesVersion as string,
      });
    }
    case 'conv-net':
      return createConvNetRow({
        ...{ settings: settings.convNet, mode: settings.engine.mode, dataset, engine, context, place },
      });
    case 'fine-tuned':
      return createFineTunedRow({ settings, dataset, engine, context, encoders: encoders(seed), place });
    default:
      return createLinearHeads({
        sources: await shelf.sourcesOf(row, splits, seed),
        settings: settings.head,
        createProducts: (matrix, options) => createCompiledProducts(engine, matrix, options),
        memory: {
          heads: world.heads,
          nameOf: (source, lesson) => nameHead(world, row.split(' & ')[source], place, lesson),
        },
      });
  }
}

/**
 * What the head on a part of a row follows from: features and the labels that it is fitted on. Splits that train on the
 * same recordings share a head, unless labels are drawn for each or each has an encoder of its own.
 */
function nameHead(
  { settings, encoders }: RowWorld,
  part: string,
  { seed, few, shifted }: TrainedPlace,
  { task, split }: Lesson,
): string {
  const areLabelsDrawn = shifted || few !== '';
  const isPerSplit = part.includes('encoder') && encoders(seed).length > 1;
  return JSON.stringify([
    ...[part, few, shifted, areLabelsDrawn || dependsOnSeed(part, settings) ? seed : null],
    ...(task.fitting === 'free' ? [task.track, task.kind, task.classes] : [task.name]),
    areLabelsDrawn || isPerSplit ? [task.name, split.name] : split.train,
  ]);
}

/**
 * Which scikit-learn grows trees for the rows that want it, so that a missing one is told before hours of work.
 * @throws UserError (`device`) when Python or scikit-learn isn't there
 */
export async function findTrees(
  settings: DeepReadonly<FinetuneSettings>,
  { emit }: RunContext,
): Promise<string | null> {
  if (![...settings.rows, ...settings.shiftedLabels].includes('boosted-trees')) return null;
  const { python } = settings.boostedTrees;
  const trees = await startTrees(python, { ...treeOptions(settings), seed: 0 });
  trees.dispose();
  const text = `boosted-trees are grown by scikit-learn ${trees.version} (${python})`;
  emit({ type: 'message', level: 'info', text });
  return trees.version;
}

function treeOptions({ boostedTrees, head }: DeepReadonly<FinetuneSettings>): Omit<TreeOptions, 'seed'> {
  const { learningRate, leaves, leafFrames, strength, featureShare } = boostedTrees;
  const classWeights = head.classWeights === 'balanced' ? 'balanced' : null;
  return { learningRate, leaves, leafFrames, strength, featureShare, classWeights };
}

/** Whether something of a row is drawn anew by each seed. */
export function dependsOnSeed(row: string, settings: DeepReadonly<FinetuneSettings>): boolean {
  if (usesEncoder(row, settings) && isSeeded(settings)) return true;
  if (row === 'boosted-trees') return settings.boostedTrees.featureShare < 1;
  return row.includes('random-encoder') || row === 'conv-net' || row === 'fine-tuned';
}

/** Whether a trained encoder is part of a row. */
export function usesEncoder(row: string, { boostedTrees }: DeepReadonly<FinetuneSettings>): boolean {
  if (row === 'boosted-trees') return boostedTrees.features === 'encoder';
  return row === 'fine-tuned' || row.split(/ & |\+/).includes('encoder');
}
