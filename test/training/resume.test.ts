import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../src/checkpoint/checkpoint.js';
import { stepPath } from '../../src/checkpoint/run-folder.js';
import type { RunEventBody } from '../../src/events/event.js';
import { train } from '../../src/training/train.js';
import { isNativeEngineMissing, startCpu } from '../engine/installed.js';
import { contrastive, denoised, future, masked, optionsOf, teacher } from './tiny-run.js';

describe.skipIf(isNativeEngineMissing).each(['eager', 'graph', 'xla'] as const)(
  'ten steps equal five, a checkpoint and five, mode %s',
  (mode) => {
    const combinations =
      mode === 'graph' ? [[masked], [contrastive], [teacher], [denoised], [future]] : [[masked, contrastive]];

    it.each(
      combinations.map((objectives) => ({
        name: objectives.map((o) => o.objective.name).join(' and '),
        objectives,
      })),
    )('bit for bit: $name', async ({ objectives }) => {
      const setup = { engine: await startCpu(), mode, objectives };
      const whole = optionsOf(setup, { reportSteps: 1 });
      const end = await train(whole.options);
      const resume = readCheckpoint(stepPath(whole.runFolder, 5));
      const half = optionsOf(setup, { reportSteps: 1, resume });
      const resumed = await train(half.options);

      expect(resumed.step).toBe(10);
      expect(readCheckpoint(resumed.path)).toEqual(readCheckpoint(end.path));
      const losses = (events: readonly RunEventBody[]) =>
        events.flatMap((event) =>
          event.type === 'step' ? [[event.step, event.loss, event.gradientNorm]] : [],
        );
      expect(losses(half.events)).toEqual(losses(whole.events).slice(5));
      expect(losses(whole.events)).toHaveLength(10);
    });
  },
);
