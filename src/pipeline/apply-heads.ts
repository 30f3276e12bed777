import type { DeepReadonly } from '../config/freeze.js';
import type { FinetuneSettings, SourceName } from '../config/schema/finetune.js';
import { measureBodyLengths } from '../data/inputs/body-length.js';
import type { Dataset } from '../data/store/dataset.js';
import type { Device, Engine } from '../engine/engine.js';
import { startEngine } from '../engine/start.js';
import { UserError } from '../errors.js';
import type { BoutSettings } from '../evaluation/bouts/label-frames.js';
import { createInputs } from '../evaluation/features/feature-source.js';
import { computeInPieces, type FrameFeatures } from '../evaluation/features/frame-features.js';
import { joinInputs } from '../evaluation/features/head-inputs.js';
import { createKinematicFeatures } from '../evaluation/features/kinematic-features.js';
import { createRawPose } from '../evaluation/features/raw-pose.js';
import { fuseProbabilities } from '../evaluation/heads/fuse.js';
import { standardise } from '../evaluation/heads/standardise.js';
import type { TaskHead } from '../evaluation/protocols/classifier.js';
import { predictRecording } from '../evaluation/protocols/linear-heads.js';
import type { Task } from '../evaluation/protocols/task.js';
import type { EmitEvent } from '../events/event.js';
import { chooseHeads, type HeadChoice } from './apply-heads-choose.js';
import type { Embedder } from './embedder.js';
import { openRowEmbedder, splitRow } from './feature-rows.js';
import { loadHeads, type StoredHeads, type StoredSplit } from './head-files.js';
import { type LoadedEncoder, loadEncoder } from './load-encoder.js';
import { assertFits } from './model-card.js';
import { usesEncoder } from './row-classifiers.js';
import { encoderFolders } from './run-encoders.js';

/** What `predict` and `evaluate` ask for alike: plain data. */
export interface ApplyOptions {
  /** The folder of a finetuning, and its complete settings. */
  readonly runFolder: string;
  readonly settings: DeepReadonly<FinetuneSettings>;
  readonly choice: HeadChoice;
  /** Whether heads predict what they were fitted on, too. */
  readonly allFolds: boolean;
  readonly device: Device;
}

/** Stored heads that were put to work on a data set. */
export interface AppliedHeads {
  readonly task: Task;
  readonly features: string;
  readonly seed: number;
  originOf(recording: number): PredictionOrigin;
  /** How the heads that predict a recording make labels of probabilities; null where they chose nothing. */
  boutsOf(recording: number): BoutSettings | null;
  /** [frame, class] the probabilities of every frame. Memory holds features of a few pieces. */
  predict(recording: number): Float32Array;
  /**
   * What heads see of some frames: [frame, inputWidth], standardised, nothing missing. For all recordings it is one and the
   * same head (that of all recordings, else of the last split), so that frames of any two can be compared.
   */
  readInputs(recording: number, frames: Uint32Array): Float32Array;
  readonly inputWidth: number;
  dispose(): void;
}

/** Where the predictions of a recording come from. */
export interface PredictionOrigin {
  /** Names of the splits whose heads predict. */
  readonly splits: readonly string[];
  /** Whether one of these heads was fitted on the recording's poses. */
  readonly isTrainedOn: boolean;
  /** Whether an encoder behind these heads learned from the poses, without labels. */
  readonly isTransductive: boolean;
}

/**
 * Rebuilds the inputs of a run's heads for a data set. A task with several splits has several heads. A recording that is
 * new to all of them is predicted by the head of all recordings, where the run has fitted one. Any other one is predicted
 * by those heads that were not fitted on its poses (so in cross-validation by the one that held it out), by the mean of
 * their log-probabilities, renormalised; where all were fitted on it, by all of them. Recordings are compared by the hash
 * of their poses: a recording that was cut or tracked anew is another one.
 * @throws UserError when the heads aren't clear, when the data set has other keypoints or animals, or when an
 *   encoder is no longer the one that the heads were fitted with
 */
export async function openHeads(
  options: ApplyOptions,
  dataset: Dataset,
  emit: EmitEvent,
): Promise<AppliedHeads> {
  const { runFolder, settings, choice, allFolds } = options;
  const stored = chooseHeads(runFolder, settings.rows, choice);
  assertFits('head', stored.dataset, dataset);
  checkAnimalNames(stored, dataset, emit);
  const encoders = loadEncoders(stored, settings);
  const assembled = stored.whole === null ? stored.splits : [...stored.splits, stored.whole];
  const seen = seenPoses(runFolder, stored);
  // A random encoder has the shape of a trained one, and has learned from nothing.
  const learned = usesEncoder(stored.features, settings) ? encoders : [];
  const encoderSeen = learned.map(({ card }) => new Set(card.recordings.map(({ poseHash }) => poseHash)));
  const engine = encoders.length === 0 ? null : await startEngine({ device: options.device });
  const shelf = await openFeatures({ settings, dataset, encoders, stored, engine });
  const heads = assembled.map((split, index) => assembleHeads(stored, split, dataset, shelf.of(index)));

  const splitsFor = (
    recording: number,
  ): { readonly chosen: readonly number[]; readonly isTrainedOn: boolean } => {
    const { poseHash } = dataset.recordings[recording];
    const all = [...stored.splits.keys()];
    const unseen = all.filter((split) => !seen[split].has(poseHash));
    const isTrainedOn = unseen.length < all.length;
    if (stored.whole !== null && (allFolds || !isTrainedOn)) return { chosen: [all.length], isTrainedOn };
    if (allFolds || unseen.length === 0) return { chosen: all, isTrainedOn };
    return { chosen: unseen, isTrainedOn: false };
  };
  return {
    task: stored.task,
    features: stored.features,
    seed: stored.seed,
    originOf(recording) {
      const { chosen, isTrainedOn } = splitsFor(recording);
      const { poseHash } = dataset.recordings[recording];
      return {
        splits: chosen.map((split) => assembled[split].split),
        isTrainedOn,
        isTransductive: chosen.some((split) => encoderSeen[encoderOf(learned, split)]?.has(poseHash)),
      };
    },
    boutsOf: (recording) => combineBouts(splitsFor(recording).chosen.map((split) => assembled[split])),
    predict(recording) {
      const each = splitsFor(recording).chosen.map((split) =>
        predictRecording(dataset, heads[split], assembled[split].shares, recording),
      );
      return fuseProbabilities(each, stored.task.classes.length);
    },
    inputWidth: heads[heads.length - 1].reduce((sum, { inputs }) => sum + inputs.width, 0),
    readInputs: (recording, frames) => standardiseInputs(heads[heads.length - 1], recording, frames),
    dispose: shelf.dispose,
  };
}

/** The medians of what the splits have chosen, each of its own list. */
function combineBouts(splits: readonly StoredSplit[]): BoutSettings | null {
  const choices = splits.flatMap(({ bouts }) => bouts ?? []);
  if (choices.length === 0) return null;
  const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[(values.length - 1) >> 1];
  return {
    smoothSeconds: median(choices.map(({ smoothSeconds }) => smoothSeconds)),
    minimalBoutSeconds: median(choices.map(({ minimalBoutSeconds }) => minimalBoutSeconds)),
  };
}

/** The inputs of the fused heads side by side, each as its head sees them. */
function standardiseInputs(parts: readonly TaskHead[], recording: number, frames: Uint32Array): Float32Array {
  const width = parts.reduce((sum, { inputs }) => sum + inputs.width, 0);
  const output = new Float32Array(frames.length * width);
  let offset = 0;
  for (const { inputs, head } of parts) {
    const rows = standardise(inputs.readFrames(recording, frames), head.standardiser);
    for (let row = 0; row < frames.length; row++) {
      output.set(rows.subarray(row * inputs.width, (row + 1) * inputs.width), row * width + offset);
    }
    offset += inputs.width;
  }
  return output;
}

/** Poses that each split's heads have learned from, their anchors' included. */
function seenPoses(runFolder: string, { task, features, seed, splits }: StoredHeads): ReadonlySet<string>[] {
  const anchored =
    task.anchor === null ? [] : loadHeads(runFolder, task.anchor, features, seed).splits[0].train;
  return splits.map(({ train }) => new Set([...train, ...anchored].map(({ poseHash }) => poseHash)));
}

/** The encoders of the run, checked against those that the heads were fitted with; none where the row has none. */
function loadEncoders(
  { encoders: expected, seed }: StoredHeads,
  settings: DeepReadonly<FinetuneSettings>,
): readonly LoadedEncoder[] {
  if (expected.length === 0) return [];
  return encoderFolders(settings, seed).map((folder, index) => {
    const encoder = loadEncoder(folder, settings.features.checkpoint);
    if (encoder.hash === expected[index]) return encoder;
    const [want, got] = [expected[index] ?? 'none', encoder.hash].map((hash) => hash.slice(0, 12));
    throw new UserError('data', `${encoder.path}: the heads were fitted on the encoder ${want}, got ${got}`, {
      hint: 'It was trained on since: fit the heads anew with `whisker finetune`, or put the encoder back',
    });
  });
}

function encoderOf(encoders: readonly LoadedEncoder[], split: number): number {
  return encoders.length === 1 ? 0 : split;
}

/** Animals with roles are taken in their order: other names are told, the same names in another order refused. */
function checkAnimalNames({ dataset: trained }: StoredHeads, dataset: Dataset, emit: EmitEvent): void {
  const [expected, got] = [trained.animals.names, dataset.header.animals.names];
  if (trained.animals.identity !== 'ordered' || expected.every((name, index) => name === got[index])) return;
  const both = `the heads know the animals ${expected.join(', ')}; ${dataset.folder} has ${got.join(', ')}`;
  if (got.every((name) => expected.includes(name))) {
    throw new UserError('data', `The animals have another order: ${both}`, {
      hint: 'Import the data set again with the animals in the order of the heads',
    });
  }
  emit({ type: 'message', level: 'warning', text: `${both}: they are taken in this order` });
}

interface Features {
  /** What a source gives for the heads of a split. */
  of(split: number): (source: SourceName) => FrameFeatures;
  dispose(): void;
}

/** Opens what the row names; encoders of several splits that are the same are opened once. */
async function openFeatures({
  settings,
  dataset,
  encoders,
  stored,
  engine,
}: {
  readonly settings: DeepReadonly<FinetuneSettings>;
  readonly dataset: Dataset;
  readonly encoders: readonly LoadedEncoder[];
  readonly stored: StoredHeads;
  readonly engine: Engine | null;
}): Promise<Features> {
  const bodyLengths = measureBodyLengths(dataset, settings.bodyLength);
  const kinematics = createKinematicFeatures(dataset, settings.kinematics, bodyLengths);
  const rawPose = createRawPose(dataset, bodyLengths);
  const sources = new Set(splitRow(stored.features).flat());
  const embedders: Embedder[] = [];
  const encoded = new Map<string, FrameFeatures>();
  for (const name of ['encoder', 'random-encoder'] as const) {
    if (engine === null || !sources.has(name)) continue;
    for (const [index, encoder] of encoders.entries()) {
      const seed = name === 'encoder' ? null : stored.seed;
      const embedder = await openRowEmbedder({ settings, dataset, engine }, encoder, seed);
      embedders.push(embedder);
      const about = { name, width: embedder.width };
      encoded.set(
        `${name} ${index}`,
        computeInPieces(about, (recording) => dataset.recordings[recording].frames, embedder.embed),
      );
    }
  }
  return {
    of: (split) => (source) => {
      if (source === 'raw-pose') return rawPose;
      if (source === 'kinematics' || source === 'kinematic-moments') return kinematics;
      return encoded.get(`${source} ${encoderOf(encoders, split)}`) as FrameFeatures;
    },
    dispose() {
      for (const embedder of embedders) embedder.dispose();
    },
  };
}

/** The heads of a split on the features of the data set, as `runTask` had them on its own. */
function assembleHeads(
  { features }: StoredHeads,
  { parts }: StoredSplit,
  dataset: Dataset,
  featuresOf: (source: SourceName) => FrameFeatures,
): readonly TaskHead[] {
  return splitRow(features).map((joined, part) => {
    const { fitted, head } = parts[part];
    const inputs = joined.map((source, index) =>
      createInputs(featuresOf(source), dataset.recordings, fitted[index]),
    );
    return { inputs: inputs.length === 1 ? inputs[0] : joinInputs(inputs), fitted, head };
  });
}
