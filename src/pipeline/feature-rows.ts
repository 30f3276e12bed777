import { join } from 'node:path';
import type { DeepReadonly } from '../config/freeze.js';
import type { FinetuneSettings, SourceName } from '../config/schema/finetune.js';
import { measureBodyLengths } from '../data/inputs/body-length.js';
import { openMars, openTaskProgramming } from '../data/published-features.js';
import type { Dataset } from '../data/store/dataset.js';
import type { Engine } from '../engine/engine.js';
import { UserError } from '../errors.js';
import {
  createFeatureSource,
  type FeatureSource,
  type InputSettings,
  joinSources,
} from '../evaluation/features/feature-source.js';
import { type FeatureKey, storeFeatures } from '../evaluation/features/feature-store.js';
import type { FrameFeatures } from '../evaluation/features/frame-features.js';
import { createKinematicFeatures } from '../evaluation/features/kinematic-features.js';
import { createRawPose } from '../evaluation/features/raw-pose.js';
import type { Split } from '../evaluation/protocols/task.js';
import type { EmitEvent } from '../events/event.js';
import { type Random, seededRandom } from '../random.js';
import { type Embedder, openEmbedder } from './embedder.js';
import { encoderPart, type LoadedEncoder } from './load-encoder.js';
import { buildModel } from './model.js';
import { isSeeded, type RunEncoders } from './run-encoders.js';

type Settings = DeepReadonly<FinetuneSettings>;

/**
 * The pooling of `kinematic-moments`, the classical control: means and spreads from the frame itself to half a minute.
 * Which points are missing is among the kinematic features already; flags of it cost .01 of TRIAL with four videos.
 */
const MOMENTS: InputSettings = {
  statistics: 'moments',
  scalesSeconds: [0, 0.17, 0.5, 2, 5, 15],
  spread: true,
  reduction: null,
  flagMissing: false,
};

/** Everything that features are computed from. */
export interface FeatureWorld {
  readonly settings: Settings;
  readonly runFolder: string;
  readonly dataset: Dataset;
  readonly engine: Engine;
  readonly encoders: RunEncoders;
  /** Recordings that any task asks for. */
  readonly recordings: readonly number[];
  readonly emit: EmitEvent;
}

/** Gives the features of rows; each kind is computed once. */
export interface FeatureShelf {
  /** The sources of a row (`a & b+c`: two heads, the second on b and c side by side) for a task with these splits. */
  sourcesOf(row: string, splits: readonly Split[], seed: number): Promise<readonly FeatureSource[]>;
}

export function createFeatureShelf(world: FeatureWorld): FeatureShelf {
  const { settings, dataset } = world;
  const bodyLengths = measureBodyLengths(dataset, settings.bodyLength);
  const kept = new Map<string, Promise<readonly FrameFeatures[]>>();
  const keep = (key: string, make: () => Promise<readonly FrameFeatures[]>) => {
    const known = kept.get(key) ?? make();
    kept.set(key, known);
    return known;
  };
  const featuresOf = (name: SourceName, seed: number): Promise<readonly FrameFeatures[]> => {
    switch (name) {
      case 'encoder':
        return keep(isSeeded(settings) ? `encoder ${seed}` : 'encoder', () => encodeAll(world, seed, null));
      case 'random-encoder':
        return keep(`random-encoder ${seed}`, () => encodeAll(world, seed, seed));
      case 'kinematics':
      case 'kinematic-moments':
        return keep('kinematics', async () => [
          createKinematicFeatures(dataset, settings.kinematics, bodyLengths),
        ]);
      case 'raw-pose':
        return keep(name, async () => [createRawPose(dataset, bodyLengths)]);
      case 'task-programming':
      case 'mars':
        return keep(name, async () => [await keepPublished(world, name)]);
    }
  };
  const sourceOf = async (
    name: SourceName,
    splits: readonly Split[],
    seed: number,
  ): Promise<FeatureSource> => {
    const pooling = poolingOf(name, settings);
    const perSplit = (await featuresOf(name, seed)).map((features) =>
      createFeatureSource(features, dataset.recordings, pooling, settings.features.learnEveryFrames),
    );
    return bySplit(perSplit, splits, name);
  };
  return {
    sourcesOf: (row, splits, seed) =>
      Promise.all(
        splitRow(row).map(async (joined) => {
          const sources: FeatureSource[] = [];
          for (const name of joined) sources.push(await sourceOf(name, splits, seed));
          return sources.length === 1 ? sources[0] : joinSources(sources);
        }),
      ),
  };
}

function poolingOf(name: SourceName, { features }: Settings): InputSettings {
  switch (name) {
    case 'kinematic-moments':
      return MOMENTS;
    case 'encoder':
    case 'random-encoder':
      return features.encoderPooling ?? features.pooling;
    default:
      return features.pooling;
  }
}

/** `a & b+c` is [[a], [b, c]]. */
export function splitRow(row: string): readonly (readonly SourceName[])[] {
  return row.split(' & ').map((joined) => joined.split('+') as SourceName[]);
}

/** One source that takes, for each split, the features of the encoder that belongs to it. */
function bySplit(perSplit: readonly FeatureSource[], splits: readonly Split[], name: string): FeatureSource {
  if (perSplit.length > 1 && perSplit.length !== splits.length) {
    throw new UserError(
      'settings',
      `run names ${perSplit.length} pretrainings, but the task has ${splits.length} splits`,
      { hint: 'Name one pretraining for all splits, or one for each' },
    );
  }
  return {
    name,
    fit: (recordings, split) =>
      perSplit[perSplit.length === 1 ? 0 : splits.indexOf(split)].fit(recordings, split),
  };
}

/**
 * Features of the trained encoders, or of fresh ones of the same shape.
 * @param seed of the row
 * @param fresh seed of the fresh ones; null: trained
 */
async function encodeAll(
  world: FeatureWorld,
  seed: number,
  fresh: number | null,
): Promise<readonly FrameFeatures[]> {
  const encoders = world.encoders(seed);
  if (encoders.length === 0) {
    throw new UserError('settings', 'A row asks for an encoder, but run is null', {
      hint: 'Name the folder of a pretraining, or leave rows with encoder and random-encoder out',
    });
  }
  const features: FrameFeatures[] = [];
  for (const encoder of encoders) features.push(await encodeOnce(world, encoder, fresh));
  return features;
}

/** An encoder as rows use it. @param seed of a fresh one of the same shape; null: the trained one */
export function openRowEmbedder(
  { settings, dataset, engine }: Pick<FeatureWorld, 'settings' | 'dataset' | 'engine'>,
  { card, parameters }: LoadedEncoder,
  seed: number | null,
): Promise<Embedder> {
  const { layers, stride, batchWindows } = settings.features;
  const fresh = (random: Random) => encoderPart(buildModel(card.model, dataset.header).encoder.init(random));
  return openEmbedder({
    ...{ engine, card, dataset, layers, stride, batchWindows },
    parameters: seed === null ? parameters : fresh(seededRandom(seed, 'random encoder')),
  });
}

/** Where a run keeps features that cost much. */
export function featuresFolder(runFolder: string): string {
  return join(runFolder, 'features');
}

/** What features of an encoder are stored under. @param checkpoint its hash @param seed of a fresh one; null: trained */
export function encoderKey(
  { features: { layers, stride } }: Settings,
  dataset: Dataset,
  checkpoint: string,
  seed: number | null,
): FeatureKey {
  const name = seed === null ? 'encoder' : 'random-encoder';
  return { name, dataset: dataset.hash, checkpoint, settings: { layers, stride, seed } };
}

async function encodeOnce(
  world: FeatureWorld,
  encoder: LoadedEncoder,
  seed: number | null,
): Promise<FrameFeatures> {
  const { dataset, emit, settings, recordings } = world;
  const key = encoderKey(settings, dataset, encoder.hash, seed);
  const embedder = await openRowEmbedder(world, encoder, seed);
  try {
    return await storeFeatures({
      folder: featuresFolder(world.runFolder),
      key,
      width: embedder.width,
      recordings: recordings.map((recording) => ({
        recording,
        frames: dataset.recordings[recording].frames,
      })),
      compute: async (recording) => {
        await new Promise(setImmediate);
        return embedder.embed(recording);
      },
      onProgress: tellProgress(emit, key.name),
    });
  } finally {
    embedder.dispose();
  }
}

/** Features of CalMS21's own files, stored as an encoder's are. */
async function keepPublished(
  { settings, dataset, recordings, runFolder, emit }: FeatureWorld,
  name: 'task-programming' | 'mars',
): Promise<FrameFeatures> {
  const { taskProgramming, mars } = settings.publishedFeatures;
  const [open, files] =
    name === 'mars' ? ([openMars, mars] as const) : ([openTaskProgramming, taskProgramming] as const);
  const { width, channelNames, read } = await open(files, dataset.recordings, recordings);
  return storeFeatures({
    folder: featuresFolder(runFolder),
    key: { name, dataset: dataset.hash, checkpoint: null, settings: { files } },
    ...{ width, ...(channelNames && { channelNames }) },
    recordings: recordings.map((recording) => ({
      recording,
      frames: dataset.recordings[recording].frames,
    })),
    compute: read,
    onProgress: tellProgress(emit, name),
  });
}

function tellProgress(emit: EmitEvent, phase: string): (done: number, total: number) => void {
  const unknown = { ratePerSecond: null, etaSeconds: null };
  return (done, total) => emit({ type: 'progress', phase, done, total, unit: 'recordings', ...unknown });
}
