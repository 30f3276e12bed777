import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { loadKind } from '../../src/config/kinds.js';
import { openDataset } from '../../src/data/store/open-dataset.js';
import { describeShapes } from '../../src/pipeline/estimate.js';
import { planTraining } from '../../src/pipeline/training-plan.js';
import { writeTinyDataset } from './tiny-data.js';

const data = join(mkdtempSync(join(tmpdir(), 'estimate-')), 'data');
beforeAll(() => writeTinyDataset(data));

function shapesOf(...overrides: string[]): string {
  const { settings } = loadKind('pretrain', {
    file: null,
    overrides: [
      ...['kind=pretrain', 'name=any', `data.folder="${data}"`, 'window={windowFrames: 32, patchFrames: 2}'],
      ...['encoder={type: transformer, width: 16, layers: 1, heads: 2, feedForward: 16}', ...overrides],
    ],
    environment: {},
  });
  return describeShapes(
    settings,
    planTraining(settings, openDataset(data), () => {}),
  );
}

const masked = (maskRatio: number, spanTokens: number) =>
  `objectives=[{type: masked, maskRatio: ${maskRatio}, spanTokens: ${spanTokens}, decoder: {width: 8, heads: 2}}]`;

it('runs that cost the same have the same shapes: spans and augmentations change none, ratios and widths do', () => {
  const base = shapesOf(masked(0.5, 4));
  expect(shapesOf(masked(0.5, 1))).toBe(base);
  expect(shapesOf(masked(0.5, 4), 'augment.jitterBodyLengths=0', 'seed=7')).toBe(base);
  expect(shapesOf(masked(0.75, 4))).not.toBe(base);
  expect(shapesOf(masked(0.5, 4), 'encoder.width=32')).not.toBe(base);
  expect(shapesOf(masked(0.5, 4), 'training.batchWindows=8')).not.toBe(base);
  expect(shapesOf(masked(0.5, 4), 'engine.mode=graph')).not.toBe(base);
});
