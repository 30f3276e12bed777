import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { TaskResult } from '../../src/evaluation/protocols/run-task.js';

const real = path.resolve(process.env.WHISKER_REAL_DATA ?? '../shared/data');
const isAsked = process.env.WHISKER_LONG_TESTS === '1' && existsSync(real);

it.skipIf(!isAsked)(
  'the recipe of the rat videos gives an encoder that is worth more than the missing pattern',
  () => {
    execFileSync('scripts/rats', { env: { ...process.env, WHISKER_REAL_DATA: real }, stdio: 'ignore' });
    const results = JSON.parse(readFileSync('checkpoints/rats-heads/results.json', 'utf8')) as TaskResult[];
    const trial = new Map(results.map(({ features, metrics }) => [features, metrics.map]));
    const of = (features: string) => trial.get(features) as number;
    expect(of('encoder')).toBeGreaterThan(0.54);
    expect(of('kinematics')).toBeGreaterThan(of('raw-pose'));
    expect(of('encoder (labels shifted)')).toBeLessThan(of('encoder'));
    expect(results.every(({ transductive }) => !transductive)).toBe(true);
  },
  7_200_000,
);
