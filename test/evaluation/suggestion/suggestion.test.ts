import { describe, expect, it } from 'vitest';
import { chooseDiverse } from '../../../src/evaluation/suggestion/choose-diverse.js';
import { createGradientSketch } from '../../../src/evaluation/suggestion/gradient-sketch.js';
import { cutStretches, uncertaintyOf } from '../../../src/evaluation/suggestion/stretches.js';
import { seededRandom } from '../../../src/random.js';

describe('cutStretches', () => {
  const all = () => true;

  it('covers what is open, without overlap, with edges where the prediction changes nearby', () => {
    const predicted = Int16Array.from({ length: 100 }, (_, frame) => (frame < 18 ? 0 : frame < 47 ? 1 : 0));
    expect(cutStretches(all, predicted, 20)).toEqual([
      { start: 0, stop: 18 }, // 20 is near 18
      { start: 18, stop: 40 }, // nothing near 40 (47 is farther than a quarter of 20)
      { start: 40, stop: 60 },
      { start: 60, stop: 80 },
      { start: 80, stop: 100 },
    ]);
  });

  it('leaves out what is labelled; a short part is a stretch of its own', () => {
    const isOpen = (frame: number) => frame < 6 || frame >= 60;
    expect(cutStretches(isOpen, new Int16Array(100), 20)).toEqual([
      { start: 0, stop: 6 },
      { start: 60, stop: 80 },
      { start: 80, stop: 100 },
    ]);
    expect(cutStretches(() => false, new Int16Array(10), 5)).toEqual([]);
  });
});

it('measures uncertainty as a share of the highest entropy', () => {
  const probabilities = [1, 0, 0, 0, 0.25, 0.25, 0.25, 0.25, 0.5, 0.5, 0, 0];
  // log 2 / log 4 = 1/2
  [0, 1, 0.5].forEach((expected, frame) => {
    expect(uncertaintyOf(probabilities, frame, 4)).toBeCloseTo(expected, 12);
  });
});

describe('createGradientSketch', () => {
  const sketcher = createGradientSketch(6, 2, seededRandom(1, 'projection'));
  const length = (vector: Float32Array) => Math.hypot(...vector);
  const inputs = Float32Array.of(1, -2, 0.5, 3, 0, 1);

  it('is long where the head is unsure, nothing where it is sure', () => {
    const unsure = sketcher.sketch(inputs, Float32Array.of(0.5, 0.5));
    const nearlySure = sketcher.sketch(inputs, Float32Array.of(0.95, 0.05));
    expect(length(sketcher.sketch(inputs, Float32Array.of(1, 0)))).toBe(0);
    // residuals are .5 and .05 of each class
    expect(length(unsure) / length(nearlySure)).toBeCloseTo(10, 4);
  });

  it('is the mean over the frames of a stretch', () => {
    const one = sketcher.sketch(inputs, Float32Array.of(0.6, 0.4));
    const both = sketcher.sketch(Float32Array.of(...inputs, ...inputs), Float32Array.of(0.6, 0.4, 1, 0));
    both.forEach((value, index) => {
      expect(value).toBeCloseTo(one[index] / 2, 6);
    });
  });
});

describe('chooseDiverse', () => {
  const vectors = [
    [0, 0.1],
    [5, 0],
    [5, 0.01],
    [0, 4],
    [-3, 0],
  ].map((values) => Float32Array.from(values));

  it('takes the longest first and never two that are alike while others are far', () => {
    for (let seed = 0; seed < 20; seed++) {
      const chosen = chooseDiverse(vectors, 3, seededRandom(seed, 'choice'));
      expect(chosen[0]).toBe(2);
      expect(chosen).not.toContain(1);
    }
  });

  it('takes everything once where more is asked for than there is', () => {
    expect(chooseDiverse(vectors, 9, seededRandom(1, 'choice')).sort()).toEqual([0, 1, 2, 3, 4]);
    const equal = [1, 1, 1].map((value) => Float32Array.of(value));
    expect(chooseDiverse(equal, 3, seededRandom(1, 'choice')).sort()).toEqual([0, 1, 2]);
  });
});
