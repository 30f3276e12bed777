// A trainer without an engine, for tests of the two processes. Its job says how it behaves.
import { appendFileSync, writeFileSync } from 'node:fs';
import { runInTrainer } from '../../../dist/commands/trainer/run-in-trainer.js';
import { UserError } from '../../../dist/errors.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

await runInTrainer(async (job, { emit, observe, signal, takeSaveRequest, untilResumed }) => {
  if (job.file) observe({ name: job.file, receive: (event) => appendFileSync(job.file, `${event.type}\n`) });
  emit({ type: 'message', level: 'info', text: `process ${process.pid}` });
  switch (job.behaviour) {
    case 'finish':
      for (let step = 1; step <= job.steps; step++) emit({ type: 'step', step, loss: Number.NaN });
      return { steps: job.steps, weights: new Float32Array([1, 2]) };
    case 'until stopped':
      while (!signal.aborted) {
        await untilResumed();
        if (takeSaveRequest())
          emit({ type: 'checkpoint', step: 1, path: 'run/step-1', best: false, seconds: 0 });
        await turn();
      }
      if (job.endFile) writeFileSync(job.endFile, String(signal.reason));
      return 'saved';
    case 'flood':
      for (let step = 1; step <= job.steps; step++) {
        emit({ type: 'step', step, parts: { masked: 'x'.repeat(1000) } });
        await turn();
      }
      writeFileSync(job.endFile, 'done');
      return 'flooded';
    case 'user error':
      throw new UserError('data', 'recording 7 has no frames', { hint: 'Leave it out.' });
    case 'out of memory':
      emit({ type: 'checkpoint', step: 4, path: 'run/step-4', best: false, seconds: 0 });
      throw new UserError('memory', 'OOM when allocating tensor with shape [9999999]');
    case 'bug':
      return undefined.length;
    case 'hang':
      emit({ type: 'checkpoint', step: 4, path: 'run/step-4', best: false, seconds: 0 });
      await new Promise((resolve) => setImmediate(resolve));
      for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    case 'die':
      emit({ type: 'checkpoint', step: 4, path: 'run/step-4', best: false, seconds: 0 });
      await new Promise((resolve) => setTimeout(resolve, 20));
      console.error(job.lastWords ?? '');
      if (job.signal) process.kill(process.pid, job.signal);
      else process.exit(7);
      for (;;) await turn();
    default:
      throw new Error(`unknown behaviour ${job.behaviour}`);
  }
});
