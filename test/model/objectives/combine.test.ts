import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../../src/errors.js';
import { combineObjectives } from '../../../src/model/objectives/combine.js';
import type { Needs, Objective } from '../../../src/model/objectives/objective.js';
import { seededRandom } from '../../../src/random.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const nothing: Needs = {
  views: 1,
  mask: null,
  clean: false,
  truth: false,
  neighbourSeconds: null,
  futureSeconds: null,
};

function fake(name: string, needs: Partial<Needs>, losses: Record<string, number>): Objective {
  return {
    name,
    needs: { ...nothing, ...needs },
    parts: Object.keys(losses),
    init: () => ({ [`objective/${name}/kernel`]: { shape: [1], data: Float32Array.of(1) } }),
    loss: () => Object.fromEntries(Object.entries(losses).map(([part, value]) => [part, tf.scalar(value)])),
  };
}

const weighted = (objective: Objective, weight = 1, warmupSteps = 0) => ({ objective, weight, warmupSteps });

describe('combined objectives', () => {
  it('keep their parts and parameters apart, in order', () => {
    const both = combineObjectives([
      weighted(fake('a', {}, { x: 1, y: 2 })),
      weighted(fake('b', {}, { z: 3 })),
    ]);
    expect(both.parts).toEqual([
      { name: 'x', objective: 'a' },
      { name: 'y', objective: 'a' },
      { name: 'z', objective: 'b' },
    ]);
    const encoded = tf.zeros([1, 1, 1]) as tf.Tensor3D;
    const losses = both.losses({ parameters: {}, batch: {}, encoded, targets: {} });
    expect(losses.map((loss) => loss.dataSync()[0])).toEqual([1, 2, 3]);
    expect(Object.keys(both.init(seededRandom(1)))).toEqual(['objective/a/kernel', 'objective/b/kernel']);
  });

  it('rise over their own warm-ups', () => {
    const both = combineObjectives([weighted(fake('a', {}, {}), 2, 4), weighted(fake('b', {}, {}), 0.5)]);
    expect([0, 1, 3, 9].map((step) => both.weightsAt(step))).toEqual([
      { a: 0.5, b: 0.5 },
      { a: 1, b: 0.5 },
      { a: 2, b: 0.5 },
      { a: 2, b: 0.5 },
    ]);
  });

  it('share one batch that serves all', () => {
    const mask = { ratio: 0.7, spanTokens: 4 };
    const both = combineObjectives([
      weighted(fake('a', { mask, views: 1 }, {})),
      weighted(fake('b', { views: 2, clean: true }, {})),
    ]);
    expect(both.needs).toEqual({
      views: 2,
      mask,
      clean: true,
      truth: false,
      neighbourSeconds: null,
      futureSeconds: null,
    });
  });

  it('refuse needs that contradict, naming both', () => {
    const a = fake('a', { mask: { ratio: 0.7, spanTokens: 4 } }, {});
    const b = fake('b', { mask: { ratio: 0.5, spanTokens: 4 } }, {});
    expect(() => combineObjectives([weighted(a), weighted(b)])).toThrow(
      /a needs mask .*0\.7.* and b needs .*0\.5/,
    );
    const pairs = fake('pairs', { neighbourSeconds: 2 }, {});
    const later = fake('later', { futureSeconds: [4] }, {});
    expect(() => combineObjectives([weighted(pairs), weighted(later)])).toThrow(/neighbours or futures/);
    expect(() => combineObjectives([])).toThrow(UserError);
    expect(() => combineObjectives([weighted(a), weighted(a)])).toThrow(/a twice/);
  });
});
