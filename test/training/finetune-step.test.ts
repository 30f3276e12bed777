import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { HostArrays } from '../../src/arrays.js';
import { buildTransformer } from '../../src/model/encoders/transformer.js';
import { seededRandom } from '../../src/random.js';
import { buildFinetuneStep, crossEntropy, type LabelKind } from '../../src/training/finetune-step.js';
import { expectClose } from '../reference/close.js';
import { differentiate, type Values } from '../reference/gradient.js';
import { softmaxTwin, toRows } from '../reference/model.js';
import { runStep } from '../reference/run-step.js';
import { sines } from '../reference/sines.js';
import { valueAndGradients } from '../reference/tensors.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('cross-entropy', () => {
  const arrays = { scores: { shape: [2, 2, 3], data: sines(12, 1).map((value) => 4 * value) } };
  const values = { scores: Float64Array.from(arrays.scores.data) };

  it('of exclusive classes equals its float64 twin; unannotated tokens count nothing', () => {
    const label = [2, 0, 1, 1];
    const weight = [1, 0.5, 0, 2];
    const { value, gradients } = valueAndGradients(
      ({ scores }) =>
        crossEntropy(
          scores as tf.Tensor3D,
          tf.tensor2d(label, [2, 2], 'int32'),
          tf.tensor2d(weight, [2, 2]),
          'exclusive',
        ),
      arrays,
    );
    const twin = ({ scores }: Values) =>
      toRows(scores, 3).reduce(
        (sum, row, token) => sum - (weight[token] / 3.5) * Math.log(softmaxTwin(row)[label[token]]),
        0,
      );
    expectClose([value], [twin(values)], 1e-6);
    expectClose(gradients.scores, differentiate(twin, values, 'scores'), 1e-5);
  });

  it('of binary classes equals its float64 twin', () => {
    const label = Array.from({ length: 12 }, (_, index) => index % 2);
    const weight = Array.from({ length: 12 }, (_, index) => (index === 5 ? 0 : 1 + (index % 3)));
    const total = weight.reduce((sum, each) => sum + each);
    const { value, gradients } = valueAndGradients(
      ({ scores }) =>
        crossEntropy(
          scores as tf.Tensor3D,
          tf.tensor3d(label, [2, 2, 3]),
          tf.tensor3d(weight, [2, 2, 3]),
          'binary',
        ),
      arrays,
    );
    const twin = ({ scores }: Values) =>
      Array.from(scores).reduce((sum, score, index) => {
        const probability = 1 / (1 + Math.exp(-score));
        return sum - (weight[index] / total) * Math.log(label[index] === 1 ? probability : 1 - probability);
      }, 0);
    expectClose([value], [twin(values)], 1e-6);
    expectClose(gradients.scores, differentiate(twin, values, 'scores'), 1e-5);
  });

  it('stays finite for scores of any size', () => {
    const scores = tf.tensor3d([1000, -1000, 0], [1, 1, 3]);
    const loss = crossEntropy(scores, tf.tensor3d([1, 0, 1], [1, 1, 3]), tf.ones([1, 1, 3]), 'binary');
    expectClose(loss.dataSync(), [Math.log(2) / 3], 1e-6);
  });
});

describe('fine-tuning', () => {
  const encoder = buildTransformer(
    { channels: 2, windowTokens: 4 },
    { width: 8, layers: 2, heads: 2, feedForward: 8, positions: 'learned' },
  );
  const encoderParameters = encoder.init(seededRandom(1));
  const build = (labels: LabelKind, layerDecay: number) =>
    buildFinetuneStep({
      encoder,
      encoderParameters,
      labels,
      classes: 3,
      optimiser: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
      maxGradientNorm: 1,
      schedule: { peak: 0.02, final: 0.02, warmupSteps: 0, totalSteps: 100 },
      layerDecay,
    });
  const label = Int32Array.from({ length: 12 }, (_, token) => (token * 5) % 3);
  const batch: HostArrays = {
    tokens: { shape: [3, 4, 2], data: sines(24) },
    position: { shape: [3, 4], data: Int32Array.from({ length: 12 }, (_, token) => token % 4) },
    label: { shape: [3, 4], data: label },
    labelWeight: { shape: [3, 4], data: new Float32Array(12).fill(1) },
  };

  it.each(['exclusive', 'binary'] as const)('learns %s labels by heart', (kind) => {
    const training = build(kind, 0.8);
    const isClass = Float32Array.from({ length: 36 }, (_, index) =>
      Number(label[Math.floor(index / 3)] === index % 3),
    );
    const labelled =
      kind === 'exclusive'
        ? batch
        : {
            ...batch,
            label: { shape: [3, 4, 3], data: isClass },
            labelWeight: { shape: [3, 4, 3], data: new Float32Array(36).fill(1) },
          };
    let state = training.init(seededRandom(2));
    const losses: number[] = [];
    for (let step = 0; step < 40; step++) {
      const result = runStep(training.step, state, labelled, training.scalarsAt(step));
      state = result.state;
      expect(result.outputs.ok).toBe(1);
      losses.push(result.outputs['part/crossEntropy']);
    }
    expect(losses[39]).toBeLessThan(0.2 * losses[0]);
  });

  it('starts from the pretrained encoder and moves each layer by its share of the rate', () => {
    const training = build('exclusive', 0.5);
    const before = training.init(seededRandom(2));
    expect(before['encoder/input/kernel']).toEqual(encoderParameters['encoder/input/kernel']);
    const { state } = runStep(training.step, before, batch, training.scalarsAt(0));
    // Adam's first step moves every entry by the rate; entries without a gradient stay.
    const moved = (path: string) =>
      Math.max(...state[path].data.map((value, index) => Math.abs(value - before[path].data[index])));
    const shares = {
      'head/kernel': 1,
      'encoder/norm/gain': 1,
      'encoder/block1/attention/output/kernel': 0.5,
      'encoder/block0/feed-forward/in/kernel': 0.25,
      'encoder/input/kernel': 0.125,
      'encoder/position/table': 0.125,
    };
    for (const [path, share] of Object.entries(shares)) expectClose([moved(path)], [0.02 * share], 1e-3);
  });

  it('refuses parameters that are not an encoder', () => {
    const parts = {
      ...encoderParameters,
      'objective/masked/mask-token': { shape: [1], data: new Float32Array(1) },
    };
    expect(() =>
      buildFinetuneStep({ encoderParameters: parts } as unknown as Parameters<typeof buildFinetuneStep>[0]),
    ).toThrow(/objective\/masked\/mask-token is not a parameter of an encoder/);
  });
});
