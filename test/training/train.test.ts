import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { HostArrays } from '../../src/arrays.js';
import { readCheckpoint } from '../../src/checkpoint/checkpoint.js';
import { findCheckpoint, listSteps, stepPath } from '../../src/checkpoint/run-folder.js';
import type { RunEventBody } from '../../src/events/event.js';
import { type TrainOptions, train } from '../../src/training/train.js';
import { makeBatch } from '../reference/batches.js';
import { pretend } from './pretend-engine.js';
import { extents, masked, optionsOf } from './tiny-run.js';

/** Ten pretended steps. */
const pretended = (changes: Partial<TrainOptions> = {}) =>
  optionsOf({ engine: pretend, mode: 'eager', objectives: [masked] }, changes);

describe('a run', () => {
  it('reports, saves and ends', async () => {
    const { options, events, runFolder } = pretended();
    const result = await train(options);
    expect(result).toMatchObject({ ending: 'done', step: 10, path: stepPath(runFolder, 10) });
    expect(events.map((event) => (event.type === 'step' ? `step ${event.step}` : event.type))).toEqual([
      'phase',
      'phase',
      'step 4',
      'checkpoint',
      'step 8',
      'step 10',
      'checkpoint',
    ]);
    expect(events.find((event) => event.type === 'step')).toMatchObject({
      epoch: 1,
      totalSteps: 10,
      gradientNorm: 2,
    });
    expect(readCheckpoint(result.path).header).toMatchObject({
      kind: 'pretraining',
      step: 10,
      settings: { width: 4 },
    });
  });

  it('reports the mean loss of the steps since the last report', async () => {
    const { options, events } = pretended();
    await train(options);
    const first = [0, 1, 2, 3].map((step) => makeBatch(extents, masked.objective.needs, step).tokens.data[0]);
    const event = events.find((each) => each.type === 'step');
    expect(event?.type === 'step' && event.parts.masked).toBeCloseTo(first.reduce((a, b) => a + b) / 4, 6);
  });

  it('finishes the present step and saves when asked to stop', async () => {
    let looks = 0;
    const control = { shouldStop: () => ++looks > 6, takeSaveRequest: () => false };
    const { options, runFolder, events } = pretended({ control });
    expect(await train(options)).toMatchObject({ ending: 'stopped', step: 3 });
    // Told with the steps after it, as in a run that was not stopped.
    expect(events.filter((event) => event.type === 'step')).toEqual([]);
    expect(listSteps(runFolder)).toEqual([3]);
  });

  it('saves when asked to and goes on', async () => {
    const requests = [false, true];
    const control = { shouldStop: () => false, takeSaveRequest: () => requests.shift() ?? false };
    const { options, runFolder } = pretended({ control });
    expect((await train(options)).ending).toBe('done');
    expect(listSteps(runFolder)).toEqual([1, 5, 10]);
  });

  it('saves once where a save that is due was asked for as well', async () => {
    let isAsked = false;
    const base = pretended().options.batches;
    const next = (step: number) => {
      isAsked ||= step === 4;
      return base.next(step);
    };
    const takeSaveRequest = () => {
      const wasAsked = isAsked;
      isAsked = false;
      return wasAsked;
    };
    const control = { shouldStop: () => false, takeSaveRequest };
    const { options, runFolder } = pretended({ control, batches: { ...base, next } });
    await train(options);
    expect(listSteps(runFolder)).toEqual([5, 10]);
  });

  it('ends when its time is up', async () => {
    const { options } = pretended({ endBySeconds: 0 });
    expect(await train(options)).toMatchObject({ ending: 'time', step: 0 });
  });

  it('leaves time for its last checkpoint, by the longest so far', async () => {
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => 1000 * now);
    const assertUnchanged = () => {
      now += 10; // seconds that a save takes
    };
    try {
      const { options } = pretended({ batches: { ...pretended().options.batches, assertUnchanged } });
      // Saved at step 5 and 10 s; another one ends at 20 s.
      expect(await train({ ...options, endBySeconds: 20 })).toMatchObject({ ending: 'time', step: 6 });
      expect(now).toBe(20);
    } finally {
      clock.mockRestore();
    }
  });

  it('looks at its data before each checkpoint, and keeps the one before when they have changed', async () => {
    const base = pretended();
    let looks = 0;
    const assertUnchanged = () => {
      if (++looks === 2) throw new Error('changed');
    };
    const { options, runFolder } = pretended({ batches: { ...base.options.batches, assertUnchanged } });
    await expect(train(options)).rejects.toThrow('changed');
    expect(listSteps(runFolder)).toEqual([5]);
  });

  it('lets messages in between steps', async () => {
    let turns = 0;
    let next = setImmediate(function turn() {
      turns++;
      next = setImmediate(turn);
    });
    await train(pretended().options);
    clearImmediate(next);
    expect(turns).toBeGreaterThanOrEqual(10); // one a step
  });
});

describe('a probe', () => {
  const measured = (values: readonly number[], everySteps: number) => {
    const steps: number[] = [];
    const probe = {
      everySteps,
      measure: async (parameters: HostArrays, step: number) => {
        expect(Object.keys(parameters).some((name) => name.startsWith('adam/'))).toBe(false);
        steps.push(step);
        return { accuracy: { value: values[step], healthy: [0, 1] as const } };
      },
    };
    return { probe, steps };
  };
  const monitor = { metric: 'accuracy', better: 'higher', patienceProbes: null } as const;

  it('looks at the start, every so many steps, and at the end', async () => {
    const { probe, steps } = measured(new Array(11).fill(0.5), 4);
    const { options } = pretended({ probe });
    await train(options);
    expect(steps).toEqual([0, 4, 8, 10]);
  });

  it('decides which checkpoint is best; an equal one is not better', async () => {
    const { probe } = measured([0.2, 0, 0.6, 0, 0.6, 0, 0.1, 0, 0.3, 0, 0.4], 2);
    const { options, runFolder } = pretended({ probe, monitor });
    expect((await train(options)).progress.best).toEqual({ step: 2, value: 0.6 });
    expect(findCheckpoint(runFolder, 'best')).toBe(stepPath(runFolder, 2));
    expect(findCheckpoint(runFolder, 'last')).toBe(stepPath(runFolder, 10));
  });

  it('ends a run that gets nowhere, also when it was stopped and resumed in between', async () => {
    const values = [0.1, 0, 0.9, 0, 0.8, 0, 0.7, 0, 0.6, 0, 0.5];
    const patient = { ...monitor, patienceProbes: 2 };
    const { options } = pretended({ probe: measured(values, 2).probe, monitor: patient });
    const result = await train(options);
    expect(result).toMatchObject({ ending: 'stale', step: 6 });

    let looks = 0;
    const control = { shouldStop: () => ++looks > 8, takeSaveRequest: () => false };
    const first = pretended({ probe: measured(values, 2).probe, monitor: patient, control });
    const stopped = await train(first.options);
    expect(stopped).toMatchObject({ ending: 'stopped', step: 4 });
    const resume = readCheckpoint(stopped.path);
    const second = pretended({ probe: measured(values, 2).probe, monitor: patient, resume });
    const resumed = await train(second.options);
    expect(resumed).toMatchObject({ ending: 'stale', step: 6, progress: result.progress });
    expect(readCheckpoint(resumed.path)).toEqual(readCheckpoint(result.path));
  });

  it('does not look twice at the same step when the run is resumed', async () => {
    const { options, runFolder } = pretended({ probe: measured(new Array(11).fill(0), 5).probe });
    await train(options);
    const { probe, steps } = measured(new Array(11).fill(0), 5);
    await train(pretended({ probe, resume: readCheckpoint(stepPath(runFolder, 5)) }).options);
    expect(steps).toEqual([10]);
  });

  it('looks at the last step also when it was asked to stop there', async () => {
    const { probe, steps } = measured(new Array(11).fill(0.5), 10);
    let isAsked = false;
    const control = { shouldStop: () => isAsked, takeSaveRequest: () => false };
    const emit = (event: RunEventBody) => {
      if (event.type === 'step' && event.step === 10) isAsked = true;
    };
    expect((await train(pretended({ probe, control, emit }).options)).ending).toBe('done');
    expect(steps).toEqual([0, 10]);
  });

  it('must measure what is monitored', async () => {
    const { probe } = measured([0], 20);
    const { options } = pretended({ probe, monitor: { ...monitor, metric: 'f1' } });
    await expect(train(options)).rejects.toThrow(/monitor.metric is f1, which the probe gives as undefined/);
  });
});

describe('a run that diverges', () => {
  it('stops at the step, names part, rate and windows, and keeps what is good', async () => {
    const base = pretended();
    const batches = {
      ...base.options.batches,
      next: async (step: number) => {
        const batch = makeBatch(extents, masked.objective.needs, step);
        if (step === 7) batch.tokens.data[0] = Number.NaN;
        return batch;
      },
    };
    const { options, runFolder } = pretended({ batches });
    await expect(train(options)).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(
        /the loss part masked is not finite at step 7 \(masked NaN; learning rate 0\.00\d+; gradient norm before it 2\.00\)/,
      ),
      hint: expect.stringContaining('step-000005.whisker'),
    });
    expect(listSteps(runFolder)).toEqual([5]);
    const written = JSON.parse(readFileSync(join(runFolder, 'diverged-step-000007.json'), 'utf8'));
    expect(written).toMatchObject({
      step: 7,
      values: { 'part/masked': 'NaN' },
      weights: 'diverged-step-000007.whisker',
    });
    expect(readCheckpoint(join(runFolder, written.weights)).header.step).toBe(7);
    expect(written.windows[2]).toEqual({ recording: 2, startSeconds: 20 });
  });

  it('says what can be done there: replay where windows are listed, and settings of its own', async () => {
    const hintOf = async (takesAway: readonly string[], whenItDiverges: string) => {
      const base = pretended();
      const next = async (step: number) => {
        const batch = makeBatch(extents, masked.objective.needs, step);
        batch.tokens.data[0] = Number.NaN;
        return Object.fromEntries(Object.entries(batch).filter(([name]) => !takesAway.includes(name)));
      };
      const batches = { ...base.options.batches, next };
      const training = { ...base.options.training, whenItDiverges };
      return train(pretended({ batches, training }).options).catch(({ hint }) => hint as string);
    };
    expect(await hintOf([], 'Lower a.rate.')).toMatch(
      /diverged-step-000000\.json lists the windows of the batch; --replay .* runs it alone\. Lower a\.rate\.$/,
    );
    expect(await hintOf(['recording', 'startSeconds'], 'Lower b.rate.')).toMatch(
      /diverged-step-000000\.json keeps what the step gave\. Lower b\.rate\.$/,
    );
  });
});

describe('steps that are left out', () => {
  const broken = (...steps: readonly number[]) => ({
    ...pretended().options.batches,
    next: async (step: number) => {
      const batch = makeBatch(extents, masked.objective.needs, step);
      if (steps.includes(step)) batch.tokens.data[0] = Number.NaN;
      return batch;
    },
  });

  it('are counted, announced and not reported; the run ends in order', async () => {
    const onDivergence = { type: 'skip', most: 2 } as const;
    const { options, events, runFolder } = pretended({ batches: broken(1, 8), onDivergence });
    const { progress, step } = await train(options);
    expect([step, progress.skippedSteps, progress.rateFactor]).toEqual([10, 2, 1]);
    const warnings = events.flatMap((event) => (event.type === 'message' ? [event.text] : []));
    expect(warnings[0]).toMatch(
      /^the loss part masked is not finite at step 1 \(masked NaN; .*its update is left out, 1 of at most 2/,
    );
    for (const event of events) if (event.type === 'step') expect(event.loss).not.toBeNaN();
    expect(readCheckpoint(stepPath(runFolder, 10)).header.progress).toMatchObject({ skippedSteps: 2 });
  });

  it('stop the run when there are too many', async () => {
    const onDivergence = { type: 'skip', most: 1 } as const;
    await expect(train(pretended({ batches: broken(1, 8), onDivergence }).options)).rejects.toThrow(
      /at step 8 \(.*; 1 steps were left out before\)/,
    );
  });

  it('halve the rate for the rest of the run, also when it was stopped in between', async () => {
    const onDivergence = { type: 'halve', most: 5 } as const;
    const whole = pretended({ batches: broken(2, 6), onDivergence, reportSteps: 1 });
    const end = await train(whole.options);
    expect(end.progress.rateFactor).toBe(0.25);
    const rates = whole.events.flatMap((event) => (event.type === 'step' ? [event.learningRate] : []));
    const plain = pretended({ reportSteps: 1 });
    await train(plain.options);
    const plainRates = plain.events.flatMap((event) => (event.type === 'step' ? [event.learningRate] : []));
    expect(rates).toEqual(
      plainRates.flatMap((rate, step) => {
        if (step === 2 || step === 6) return [];
        if (step < 2) return [rate];
        return [step < 6 ? rate / 2 : rate / 4];
      }),
    );
    const resume = readCheckpoint(stepPath(whole.runFolder, 5));
    const half = pretended({ batches: broken(2, 6), onDivergence, resume });
    expect((await train(half.options)).progress).toEqual(end.progress);
  });
});

describe('a checkpoint that does not fit', () => {
  it('is refused with the tensor and both shapes', async () => {
    const { options } = pretended();
    const { path } = await train(options);
    const good = readCheckpoint(path);
    const tensors = { ...good.tensors, 'encoder/input/bias': { shape: [5], data: new Float32Array(5) } };
    const { options: next } = pretended({ resume: { ...good, tensors } });
    await expect(train(next)).rejects.toThrow(
      /encoder\/input\/bias is float32 \[5\], expected float32 \[4\]/,
    );
  });
});
