import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../src/checkpoint/checkpoint.js';
import {
  findCheckpoint,
  listSteps,
  saveStep,
  stepPath,
  stepsToKeep,
} from '../../src/checkpoint/run-folder.js';

let run: string;
beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), 'whisker-run-'));
});
afterEach(() => rmSync(run, { recursive: true }));

const checkpoint = (step: number, value = step) => ({
  header: { kind: 'pretraining', step, settings: {}, progress: null },
  tensors: { x: { shape: [1], data: Float32Array.of(value) } },
});

describe('a run folder', () => {
  it('points at the last and at the best checkpoint', () => {
    expect(findCheckpoint(run, 'last')).toBeNull();
    saveStep(run, checkpoint(10), true, { newest: 3, everySteps: null });
    saveStep(run, checkpoint(20), false, { newest: 3, everySteps: null });
    expect(findCheckpoint(run, 'last')).toBe(join(run, 'steps/step-000020.whisker'));
    expect(findCheckpoint(run, 'best')).toBe(join(run, 'steps/step-000010.whisker'));
    expect(readFileSync(join(run, 'best'), 'utf8')).toBe('steps/step-000010.whisker\n');
  });

  it('keeps the newest, every so many steps, and the best', () => {
    for (const step of [10, 20, 30, 40, 50, 60]) {
      saveStep(run, checkpoint(step), step === 20, { newest: 2, everySteps: 30 });
    }
    expect(listSteps(run)).toEqual([20, 30, 50, 60]);
  });

  it('keeps one, whatever it is told', () => {
    for (const step of [1, 2]) saveStep(run, checkpoint(step), false, { newest: 0, everySteps: null });
    expect(listSteps(run)).toEqual([2]);
    expect(stepsToKeep([5], [null, null], { newest: 0, everySteps: null })).toEqual([5]);
  });

  it('loses nothing when a checkpoint can not be written', () => {
    const keep = { newest: 1, everySteps: null };
    saveStep(run, checkpoint(1), true, keep);
    expect(() => saveStep(run, checkpoint(2, Number.NaN), true, keep)).toThrow(/holds NaN/);
    expect(listSteps(run)).toEqual([1]);
    expect(readCheckpoint(findCheckpoint(run, 'last') as string).header.step).toBe(1);
  });

  it('says which steps there are when the pointer names one that is gone', () => {
    saveStep(run, checkpoint(1), false, { newest: 9, everySteps: null });
    saveStep(run, checkpoint(2), false, { newest: 9, everySteps: null });
    rmSync(stepPath(run, 2));
    expect(() => findCheckpoint(run, 'last')).toThrow(/step-000002.whisker, which is not there/);
    writeFileSync(join(run, 'last'), '../elsewhere\n');
    expect(() => findCheckpoint(run, 'last')).toThrow(/does not name a checkpoint/);
  });
});
