import { describe, expect, test } from 'vitest';
import { MOUSE_SKELETON } from '../../../src/data/pose.js';
import { BODY, TRACKING, VIEW } from '../../../src/data/simulate/constants.js';
import { simulateRecording, simulateTruth } from '../../../src/data/simulate/simulate-recording.js';
import { ACT, ACTS, CLASS_OF_ACT } from '../../../src/data/simulate/vocabulary.js';
import { simulatedSpec } from './simulated-spec.js';

describe('what a recording depends on', () => {
  test('the same spec gives the same bits, whatever was simulated in between', () => {
    const first = simulateRecording(simulatedSpec({ index: 3 }));
    simulateRecording(simulatedSpec({ index: 4 }));
    const again = simulateRecording(simulatedSpec({ index: 3 }));
    expect(again).toEqual(first);
  });

  test.each([{ seed: 2 }, { subset: 'elsewhere' }, { index: 1 }])('%o gives other animals', (changes) => {
    const first = simulateRecording(simulatedSpec({}));
    const other = simulateRecording(simulatedSpec(changes));
    expect(other.pose.some((value, place) => Math.abs(value - first.pose[place]) > 20)).toBe(true);
  });

  test('annotating more tracks changes neither poses nor the other tracks', () => {
    const one = simulateRecording(simulatedSpec({}));
    const more = [
      { name: 'groom', behaviour: 'groom' as const },
      { name: 'task1', annotator: 0 },
    ];
    const two = simulateRecording(simulatedSpec({ tracks: more }));
    expect(two.pose).toEqual(one.pose);
    expect(two.labels.get('task1')).toEqual(one.labels.get('task1'));
    expect([...two.labels.keys()]).toEqual(['groom', 'task1']);
  });
});

describe('bodies', () => {
  const { pose } = simulateTruth(simulatedSpec({ frames: 3000 }));
  const at = (frame: number, animal: number, point: number) => {
    const place = 28 * frame + 14 * animal + 2 * point;
    return [pose[place], pose[place + 1]] as const;
  };
  const length = (frame: number, animal: number, [a, b]: readonly [number, number]) => {
    const [x, y] = at(frame, animal, a);
    const [otherX, otherY] = at(frame, animal, b);
    return Math.hypot(x - otherX, y - otherY);
  };

  test('edges have the length of a mouse, and keep it within a few per cent', () => {
    for (const animal of [0, 1]) {
      // Ears and hips are rigid in the model: 2 x half width x size x width, whatever the posture.
      for (const [edge, half] of [
        [[1, 2], BODY.halfEars],
        [[4, 5], BODY.halfHips],
      ] as const) {
        const lengths = Array.from({ length: 3000 }, (_, frame) => length(frame, animal, edge));
        const expected = 2 * half * VIEW.pixelsPerCm;
        expect(Math.min(...lengths)).toBeGreaterThan(0.65 * expected);
        expect(Math.max(...lengths)).toBeLessThan(1.45 * expected);
        expect(Math.max(...lengths) / Math.min(...lengths)).toBeLessThan(1.001);
      }
      for (const edge of MOUSE_SKELETON.edges) {
        const lengths = Array.from({ length: 3000 }, (_, frame) => length(frame, animal, edge)).sort(
          (a, b) => a - b,
        );
        expect(lengths[0]).toBeGreaterThan(8);
        expect(lengths[2850] / lengths[150]).toBeLessThan(2);
      }
    }
  });

  test('the left side is on the left when looking along the body', () => {
    for (let frame = 0; frame < 3000; frame += 100) {
      for (const animal of [0, 1]) {
        const [tailX, tailY] = at(frame, animal, 6);
        const [neckX, neckY] = at(frame, animal, 3);
        const side = (point: number) => {
          const [x, y] = at(frame, animal, point);
          return (neckX - tailX) * (y - tailY) - (neckY - tailY) * (x - tailX);
        };
        // Rows of an image count downwards: the left has the smaller cross product.
        expect(side(4)).toBeLessThan(side(5));
      }
    }
  });

  test('nobody leaves the view by more than a centimetre, and bodies move smoothly', () => {
    let furthest = 0;
    let fastest = 0;
    for (let frame = 1; frame < 3000; frame++) {
      for (const animal of [0, 1]) {
        for (const point of [0, 3, 6]) {
          const [x, y] = at(frame, animal, point);
          const [beforeX, beforeY] = at(frame - 1, animal, point);
          furthest = Math.max(furthest, -x, -y, x - VIEW.widthPixels, y - VIEW.heightPixels);
          fastest = Math.max(fastest, Math.hypot(x - beforeX, y - beforeY));
        }
      }
    }
    expect(furthest).toBeLessThan(VIEW.pixelsPerCm);
    // A nose moves with the body (up to 60 cm/s = 76 pixels a frame) and with the head.
    expect(fastest).toBeLessThan(130);
    expect(fastest).toBeGreaterThan(5);
  });
});

describe('acts are visible as motion', () => {
  test('grooming is a pause with a swinging head', () => {
    const { pose, acts } = simulateTruth(simulatedSpec({ frames: 6000, emphasis: 'groom' }));
    const meanStep = (act: number, point: number) => {
      let sum = 0;
      let count = 0;
      for (let frame = 1; frame < 6000; frame++) {
        if (acts.resident[frame] === act && acts.resident[frame - 1] === act) {
          const place = 28 * frame + 2 * point;
          sum += Math.hypot(pose[place] - pose[place - 28], pose[place + 1] - pose[place - 27]);
          count++;
        }
      }
      return sum / count;
    };
    expect(meanStep(ACT.groom, 0)).toBeGreaterThan(1.7 * meanStep(ACT.pause, 0));
    expect(meanStep(ACT.groom, 3)).toBeLessThan(1.5 * meanStep(ACT.pause, 3));
    expect(meanStep(ACT.explore, 3)).toBeGreaterThan(3 * meanStep(ACT.groom, 3));
  });

  test('an interaction begins where the animals are together', () => {
    let apart = 0;
    let onsets = 0;
    let othersApart = 0;
    let others = 0;
    for (let index = 0; index < 8; index++) {
      const { pose, acts } = simulateTruth(simulatedSpec({ index, frames: 3000 }));
      const isOther = (frame: number) => CLASS_OF_ACT[ACTS[acts.resident[frame]]] === 'other';
      for (let frame = 1; frame < 3000; frame++) {
        const place = 28 * frame;
        const gap = Math.hypot(pose[place + 6] - pose[place + 20], pose[place + 7] - pose[place + 21]);
        const isApart = gap > 9 * VIEW.pixelsPerCm ? 1 : 0;
        if (isOther(frame)) {
          others++;
          othersApart += isApart;
        } else if (isOther(frame - 1)) {
          onsets++;
          apart += isApart;
        }
      }
    }
    expect(apart / onsets).toBeLessThan((0.5 * othersApart) / others);
  });

  test('an approach closes in', () => {
    const { pose, acts } = simulateTruth(simulatedSpec({ frames: 6000, emphasis: 'approach' }));
    let starts = 0;
    let closer = 0;
    for (let frame = 1; frame < 6000; frame++) {
      if (acts.resident[frame] === ACT.approach && acts.resident[frame - 1] !== ACT.approach) {
        let stop = frame;
        while (stop < 5999 && acts.resident[stop + 1] === ACT.approach) {
          stop++;
        }
        const gap = (at: number) =>
          Math.hypot(pose[28 * at + 6] - pose[28 * at + 20], pose[28 * at + 7] - pose[28 * at + 21]);
        starts++;
        closer += gap(stop) < gap(frame) ? 1 : 0;
      }
    }
    expect(starts).toBeGreaterThan(5);
    expect(closer / starts).toBeGreaterThan(0.8);
  });
});

describe('the tracker', () => {
  const spec = simulatedSpec({ frames: 6000 });
  const truth = simulateTruth(spec).pose;
  const { pose, scores } = simulateRecording(spec);
  const errors = Float64Array.from({ length: 6000 * 14 }, (_, point) =>
    Math.hypot(pose[2 * point] - truth[2 * point], pose[2 * point + 1] - truth[2 * point + 1]),
  );

  test('is off by a few pixels, and by much more now and then', () => {
    const sorted = errors.slice().sort();
    expect(sorted[sorted.length / 2]).toBeGreaterThan(1.5);
    expect(sorted[sorted.length / 2]).toBeLessThan(6);
    const jumps = errors.filter((error) => error > 40).length / errors.length;
    expect(jumps).toBeGreaterThan(0.0005);
    expect(jumps).toBeLessThan(0.03);
  });

  test('gives scores in [0, 1] that are lower where it is wrong', () => {
    const mean = { near: [0, 0], far: [0, 0] };
    for (const [point, error] of errors.entries()) {
      const sum = error > 40 ? mean.far : mean.near;
      sum[0] += (scores as Float32Array)[point];
      sum[1]++;
    }
    expect(scores?.every((score) => score > 0 && score <= 1)).toBe(true);
    expect(mean.near[0] / mean.near[1]).toBeGreaterThan(0.8);
    expect(mean.far[0] / mean.far[1]).toBeLessThan(mean.near[0] / mean.near[1] - 0.05);
  });

  test('jitter of neighbouring frames goes together', () => {
    let product = 0;
    let square = 0;
    for (let frame = 1; frame < 6000; frame++) {
      const place = 28 * frame;
      const isAlone =
        Math.hypot(truth[place + 6] - truth[place + 20], truth[place + 7] - truth[place + 21]) > 300;
      const error = pose[place] - truth[place];
      const before = pose[place - 28] - truth[place - 28];
      if (isAlone && Math.abs(error) < 15 && Math.abs(before) < 15) {
        product += error * before;
        square += error * error;
      }
    }
    expect(product / square).toBeCloseTo(TRACKING.jitterCorrelation, 1);
  });

  test('loses the asked share of points when it is told to, both coordinates and the score', () => {
    const lossy = simulateRecording({ ...spec, missingShare: 0.2 });
    let missing = 0;
    let broken = 0;
    for (let point = 0; point < 6000 * 14; point++) {
      const x = lossy.pose[2 * point];
      const y = lossy.pose[2 * point + 1];
      const isMissing = Number.isNaN(x);
      const isWhole = isMissing ? Number.isNaN(y) && lossy.scores?.[point] === 0 : x === pose[2 * point];
      missing += isMissing ? 1 : 0;
      broken += isWhole ? 0 : 1;
    }
    expect(broken).toBe(0);
    expect(missing / (6000 * 14)).toBeGreaterThan(0.17);
    expect(missing / (6000 * 14)).toBeLessThan(0.23);
    expect(pose.some(Number.isNaN)).toBe(false);
  });
});
