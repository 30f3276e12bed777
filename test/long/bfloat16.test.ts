import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDist, runWhisker } from '../commands/dist.js';
import { isNativeEngineMissing } from '../engine/installed.js';
import { writeTinyDataset } from '../pipeline/tiny-data.js';

const CONFIG = path.resolve('configs/quickstart.yaml');
const SEEDS = [1, 2, 3];
const STEPS = 200;

describe.skipIf(process.env.WHISKER_LONG_TESTS !== '1' || isNativeEngineMissing)('bfloat16 products', () => {
  let folder: string;
  beforeAll(async () => {
    buildDist();
    folder = mkdtempSync(path.join(tmpdir(), 'whisker-bfloat16-'));
    await writeTinyDataset(path.join(folder, 'store'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** The mean loss of the last 50 of 200 steps on simulated mice. */
  function train(precision: string, seed: number): number {
    const name = `${precision}-${seed}`;
    const settings = {
      ...{ name, seed, 'data.folder': 'store', 'engine.precision': precision, 'training.batchWindows': 16 },
      ...{ 'training.duration.steps': STEPS, 'log.everySteps': 50, probe: null },
    };
    const words = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
    const { status, stderr } = runWhisker(['pretrain', CONFIG, ...words, '--quiet'], { cwd: folder });
    expect(stderr).not.toMatch(/error/i);
    expect(status).toBe(0);
    const events = readFileSync(path.join(folder, 'checkpoints', name, 'events.jsonl'), 'utf8');
    const steps = events
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; step: number; loss: number })
      .filter(({ type }) => type === 'step');
    expect(steps.at(-1)?.step).toBe(STEPS);
    expect(steps.at(-1)?.loss).toBeLessThan(0.9 * steps[0].loss);
    return steps.at(-1)?.loss ?? Number.NaN;
  }

  it('end a training nearer to float32 than another seed does', { timeout: 900_000 }, () => {
    const float32 = SEEDS.map((seed) => train('float32', seed));
    const bfloat16 = SEEDS.map((seed) => train('bfloat16', seed));
    console.log({ float32, bfloat16 });
    const mean = float32.reduce((sum, loss) => sum + loss, 0) / SEEDS.length;
    const squares = float32.reduce((sum, loss) => sum + (loss - mean) ** 2, 0);
    const deviation = Math.sqrt(squares / (SEEDS.length - 1));
    const apart = float32.reduce((sum, loss, index) => sum + Math.abs(loss - bfloat16[index]), 0);
    expect(bfloat16).not.toEqual(float32);
    expect(apart / SEEDS.length).toBeLessThan(deviation);
  });
});
