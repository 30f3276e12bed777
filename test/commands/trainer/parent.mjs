// A command without a terminal: runs the fake trainer and prints what happens, for tests that signal the parent.
import { runTrainer, throwIfStopped } from '../../../dist/commands/trainer/run-trainer.js';

const print = (text) => process.stdout.write(`${text}\n`);
const renderer = {
  say: (text) => print(`say: ${text}`),
  attach: () => {},
  close: async () => print('closed'),
};
try {
  const outcome = await runTrainer(
    {
      entry: new URL('./fake-trainer.mjs', import.meta.url),
      job: JSON.parse(process.argv[2]),
      whenParentLost: process.argv[3] ?? 'stop',
      memoryRemedy: 'Smaller.',
      onEvent: (event) => {
        if (event.type !== 'step') print(`event: ${event.type} ${event.text ?? event.path ?? ''}`);
      },
    },
    renderer,
  );
  print(`result: ${JSON.stringify(outcome)}`);
  throwIfStopped(outcome);
} catch (error) {
  print(`error: ${error.name} ${error.signal ?? error.message}`);
}
