import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkEngine, isAccurate, measureError } from '../../src/engine/check.js';
import { isNativeEngineMissing, startCpu } from './installed.js';

describe.skipIf(isNativeEngineMissing)('the error of an engine', () => {
  it('is that of float32', async () => {
    const error = await measureError(await startCpu());
    expect(error).toBeGreaterThan(0);
    expect(error).toBeLessThan(2e-6);
  });

  it('shows a product that is off', async () => {
    const engine = await startCpu();
    const matMul: typeof engine.tf.matMul = (...given) => engine.tf.mul(engine.tf.matMul(...given), 1.0001);
    const error = await measureError({ ...engine, tf: { ...engine.tf, matMul } });
    expect(isAccurate(error)).toBe(false);
  });
});

it('not even a number is not accurate', () => {
  expect(isAccurate(Number.NaN)).toBe(false);
});

const isBuilt = existsSync(new URL('../../dist/engine/check-process.js', import.meta.url));

describe.skipIf(!isBuilt)('in a process of its own', () => {
  it('says what the portable engine is', async () => {
    const check = await checkEngine('portable');
    expect(check).toMatchObject({ device: 'portable', isFine: true, name: 'portable', threads: 1 });
  });

  it('says what is wrong and what to do', async () => {
    const { WHISKER_ENGINE_DIR } = process.env;
    process.env.WHISKER_ENGINE_DIR = '/nowhere/engine';
    const check = await checkEngine('cuda');
    if (WHISKER_ENGINE_DIR === undefined) delete process.env.WHISKER_ENGINE_DIR;
    else process.env.WHISKER_ENGINE_DIR = WHISKER_ENGINE_DIR;
    expect(check).toEqual({
      ...{ device: 'cuda', isFine: false },
      problem: 'The cuda engine is not installed in /nowhere/engine',
      remedy: 'Install it: whisker engine install cuda',
    });
  });
});
