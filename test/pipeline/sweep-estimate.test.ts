import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CALMS21_SIZES } from '../../src/data/simulate/calms21-sizes.js';
import { simulatedCalms21Source } from '../../src/data/simulate/simulate-calms21.js';
import { openDataset } from '../../src/data/store/open-dataset.js';
import { writeDataset } from '../../src/data/store/write-dataset.js';
import { estimateSweep } from '../../src/pipeline/sweep-estimate.js';
import type { SweepPlan, Task } from '../../src/sweep/plan.js';

it.each([
  ['ordered', 1],
  ['exchangeable', 2],
] as const)('features of %s animals take %i floats a channel of the encoder', async (identity, floats) => {
  const folder = mkdtempSync(join(tmpdir(), 'sweep-estimate-'));
  const data = join(folder, 'data');
  const { header, recordings } = simulatedCalms21Source({
    seed: 1,
    sizes: CALMS21_SIZES.tiny,
    missingShare: 0,
  });
  const animals = { ...header.animals, identity };
  await writeDataset(
    data,
    { header: { ...header, animals }, recordings },
    { overwrite: false, origin: 'tiny' },
  );
  const task = (id: string, after: readonly string[], settings: Task['settings']): Task => {
    const [stage] = id.split('-') as [Task['stage']];
    return { id, stage, settings, after, isDropped: false };
  };
  const tasks = [
    task('pretrain-a', [], { data: {}, encoder: { width: 16 } }),
    task('heads-a', ['pretrain-a'], {
      ...{ rows: ['encoder', 'kinematics'], features: { layers: [0, -1] }, data: { folder: data } },
    }),
  ];
  const plan = { tasks: [tasks[1], { ...tasks[0], isDropped: true }] } as unknown as SweepPlan;
  const { stages } = await estimateSweep(folder, plan, {}, async () => []);
  const dataset = openDataset(data);
  const frames = dataset.recordings.reduce((sum, recording) => sum + recording.frames, 0);
  dataset.close();
  expect(stages).toMatchObject([{ stage: 'heads', open: 1, diskBytes: 4 * frames * 2 * 16 * floats }]);
});
