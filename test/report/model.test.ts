import { expect, it } from 'vitest';
import { createModel } from '../../src/report/page/model.js';
import { openBlob } from '../../src/report/page/unpack.js';
import type { HeadsReport, ReportData } from '../../src/report/report-data.js';

it('draws pictures of runs that have kept something of a task, and chooses among them alone', () => {
  const task = { name: 'task1', truth: [], rows: [{ features: 'kinematics', predictions: [] }] };
  const heads = [
    { name: 'bare', tasks: [] },
    { name: 'whole', tasks: [task] },
  ];
  const data = { heads: heads as unknown as readonly HeadsReport[], poses: null } as ReportData;
  const model = createModel(data, openBlob(new Uint8Array(0)));
  expect(model.pictured.map(({ name }) => name)).toEqual(['whole']);
  expect(model.row().features).toBe('kinematics');
  model.select({ run: 0, task: 0, row: 0 });
  expect(model.task().name).toBe('task1');
});
