import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRunControl } from '../../src/pipeline/run-control.js';
import { createContext } from './finetuned-run.js';

function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'control-'));
  const ask = (name: string) => writeFileSync(join(folder, name), '');
  let seconds = 0;
  const context = createContext();
  const open = () => createRunControl(folder, context, () => seconds++);
  return { folder, ask, open, context };
}

it('STOP ends the run, SAVE asks for one checkpoint; both are taken away', () => {
  const { folder, ask, open } = setUp();
  const control = open();
  expect([control.shouldStop(), control.takeSaveRequest()]).toEqual([false, false]);
  ask('SAVE');
  expect([control.shouldStop(), control.takeSaveRequest(), control.takeSaveRequest()]).toEqual([
    false,
    true,
    false,
  ]);
  ask('STOP');
  expect([control.shouldStop(), control.shouldStop()]).toEqual([true, true]);
  expect([existsSync(join(folder, 'STOP')), existsSync(join(folder, 'SAVE'))]).toEqual([false, false]);
});

it('a STOP of an earlier time stops nothing and is told; one that comes too late is taken away', () => {
  const { folder, ask, open, context } = setUp();
  ask('STOP');
  const control = open();
  expect(control.shouldStop()).toBe(false);
  expect(context.events).toMatchObject([{ type: 'message', level: 'warning' }]);
  ask('STOP');
  control.close();
  expect(existsSync(join(folder, 'STOP'))).toBe(false);
});
