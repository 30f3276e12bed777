/** One of each kind that `src/README.md` tells how to add: made here from nothing but the interface it must answer. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import type { HostArrays } from '../src/arrays.js';
import { parseCsv } from '../src/data/formats/csv-text.js';
import { parseDecimal } from '../src/data/formats/table-cells.js';
import { arrangePoses, type TrackedPoses } from '../src/data/formats/tracked-poses.js';
import { compileProgram } from '../src/engine/compile.js';
import type { Engine } from '../src/engine/engine.js';
import { UserError } from '../src/errors.js';
import type { Classifier } from '../src/evaluation/protocols/classifier.js';
import { openTask, runTask } from '../src/evaluation/protocols/run-task.js';
import type { Encoder, EncoderShape } from '../src/model/encoders/encoder.js';
import { dense, initDense } from '../src/model/nn/dense.js';
import { initLayerNorm, layerNorm } from '../src/model/nn/layer-norm.js';
import { combineObjectives } from '../src/model/objectives/combine.js';
import type { Objective, ObjectiveShape } from '../src/model/objectives/objective.js';
import { seededRandom } from '../src/random.js';
import { buildTrainingStep } from '../src/training/training-step.js';
import { mutate } from './data/mutations/mutate.js';
import { describeOps } from './engine/contract.js';
import { makeDataset, socialTask } from './evaluation/protocols/made-dataset.js';
import { makeBatch } from './reference/batches.js';

describe('a format', () => {
  /** One line a point: frame,animal,keypoint,x,y. Throws a UserError that names the line. */
  function readPointList(text: string, path: string): TrackedPoses {
    const [, ...rows] = parseCsv(text, ',', path);
    const points = rows.map(({ line, cells }) => {
      const [frame, x, y] = [cells[0], cells[3], cells[4]].map((cell) =>
        parseDecimal(cell ?? '', `${path}, line ${line}`),
      );
      if (!(Number.isInteger(frame) && frame >= 0 && frame < 1000))
        throw new UserError('data', `${path}, line ${line}: ${cells[0]} is no frame`);
      return { frame, animal: cells[1], keypoint: cells[2], place: [x, y] };
    });
    const animals = [...new Set(points.map(({ animal }) => animal))];
    const keypoints = [...new Set(points.map(({ keypoint }) => keypoint))];
    const frames = 1 + Math.max(-1, ...points.map(({ frame }) => frame));
    const pose = new Float32Array(frames * animals.length * keypoints.length * 2).fill(Number.NaN);
    for (const { frame, animal, keypoint, place } of points) {
      const row = (frame * animals.length + animals.indexOf(animal)) * keypoints.length;
      pose.set(place, 2 * (row + keypoints.indexOf(keypoint)));
    }
    return { animals, keypoints, frames, pose };
  }
  const text = 'frame,animal,point,x,y\n0,a,nose,1,2\n0,a,tail,3,4\n1,a,tail,5,6\n';

  it('gives poses under its own names, NaN where nothing was seen; `arrangePoses` does the rest', () => {
    const arrangement = {
      ...{ animals: ['a'], keypoints: ['tail', 'nose'], renameAnimals: {}, renameKeypoints: {} },
      minimalScore: 0,
    };
    const { pose } = arrangePoses(readPointList(text, 'p.csv'), arrangement, 'p.csv');
    expect([...pose]).toEqual([3, 4, 1, 2, 5, 6, Number.NaN, Number.NaN]);
  });

  it('reads a damaged file, or refuses it in words', () => {
    const random = seededRandom(1, 'damaged');
    for (let count = 0; count < 300; count++) {
      const { bytes } = mutate(Buffer.from(text), 'table', random);
      try {
        readPointList(new TextDecoder().decode(bytes), 'p.csv');
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }
  });
});

const extents = { windows: 4, windowTokens: 6, channels: 2, targetChannels: 2, tokens: 'visible' } as const;

/** An encoder: one affine map of each token, and a norm. */
function buildAffine({ channels }: EncoderShape, width: number): Encoder {
  return {
    name: 'affine',
    width,
    tokens: 'visible',
    seesNeighbours: false,
    init: (random) => ({
      ...initDense(random, 'encoder/input', channels, width),
      ...initLayerNorm('encoder/norm', width),
    }),
    apply(parameters, tokens) {
      const [windows, count] = tokens.shape;
      const rows = dense(parameters, 'encoder/input', tf.reshape(tokens, [windows * count, channels]));
      return [tf.reshape(layerNorm(parameters, 'encoder/norm', rows), [windows, count, width])];
    },
  };
}

/** An objective: tell the tokens that were seen from what became of them. */
function buildAutoencoder({ width }: ObjectiveShape, channels: number): Objective {
  const path = 'objective/autoencoder/output';
  return {
    name: 'autoencoder',
    needs: { views: 1, mask: null, clean: false, truth: false, neighbourSeconds: null, futureSeconds: null },
    parts: ['autoencoder'],
    init: (random) => initDense(random, path, width, channels),
    loss({ parameters, batch, encoded }) {
      const rows = dense(parameters, path, tf.reshape(encoded, [-1, width]) as tf.Tensor2D);
      const error = tf.sub(rows, tf.reshape(batch.tokens, [-1, channels]));
      return { autoencoder: tf.mean(tf.square(error)) };
    },
  };
}

describe('an encoder and an objective', () => {
  it('are trained by the step that trains all others: the loss falls', async () => {
    const engine = await startPlain();
    const encoder = buildAffine(extents, 4);
    const objective = combineObjectives([
      {
        objective: buildAutoencoder({ ...extents, width: encoder.width }, extents.channels),
        ...{ weight: 1, warmupSteps: 0 },
      },
    ]);
    const training = buildTrainingStep({
      encoder,
      objective,
      optimiser: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0 },
      maxGradientNorm: 10,
      schedule: { peak: 0.05, final: 0.05, warmupSteps: 0, totalSteps: 60 },
      averageDecay: null,
    });
    const batch = makeBatch(extents, objective.needs, 0);
    const example: { state: HostArrays; batch: HostArrays; scalars: Record<string, number> } = {
      ...{ state: training.init(seededRandom(1)), batch, scalars: training.scalarsAt(0) },
    };
    const program = await engine.compile(training.step, example, { mode: 'auto', precision: 'float32' });
    const losses = Array.from(
      { length: 60 },
      (_, step) => program.run(batch, training.scalarsAt(step)).loss.data[0],
    );
    program.dispose();
    expect(losses[59]).toBeLessThan(losses[0] / 2);
  });
});

describe('a row of the table', () => {
  /** Says of every frame how often each class was in the training labels. */
  const shares: Classifier = {
    name: 'shares',
    method: 'the shares of the classes',
    async fit({ dataset, task, split, view }) {
      const counts = new Float32Array(task.classes.length);
      for (const recording of view.recordings)
        for (const label of view.labels(recording)) if (label >= 0) counts[label]++;
      const trainedFrames = counts.reduce((sum, count) => sum + count, 0);
      return {
        split: split.name,
        parts: [],
        fit: { split: split.name, strengths: [], shares: [], unit: 'not chosen', trainedFrames, bouts: null },
        predict: (recording) =>
          Float32Array.from(
            { length: dataset.recordings[recording].frames * counts.length },
            (_, cell) => counts[cell % counts.length] / trainedFrames,
          ),
        dispose() {},
      };
    },
  };

  it('is scored as all others are, on labels that it never saw', async () => {
    const dataset = makeDataset(6);
    const outcome = await runTask({
      ...{ dataset, open: openTask(dataset, socialTask), classifier: shares, seed: 1, few: null },
      ...{ shifted: false, transductive: false, withWhole: false, anchor: null, emit: () => {} },
    });
    const { result } = outcome as NonNullable<typeof outcome>;
    expect([result.features, result.method]).toEqual(['shares', 'the shares of the classes']);
    // What is the same for every frame ranks none before another: each class gets its own share.
    for (const { averagePrecision, support } of result.classes)
      expect(averagePrecision).toBeCloseTo(support / result.frames, 6);
  });
});

/** An engine: tfjs' plain JavaScript backend, op by op. */
async function startPlain(): Promise<Engine> {
  await tf.setBackend('cpu');
  return {
    name: 'portable',
    device: 'plain JavaScript',
    reason: 'asked for',
    versions: { library: 'tfjs-backend-cpu', tfjs: tf.version.tfjs, node: process.version },
    threads: 1,
    branches: 1,
    tf,
    compile: (step, example, options) =>
      compileProgram({ tf, native: undefined, isGpu: false, allowsTf32: false }, step, example, options),
    freeze() {
      throw new UserError('device', 'plain JavaScript can not write a SavedModel');
    },
  };
}

describe('an engine', () => {
  describeOps(startPlain, 'eager');
});
