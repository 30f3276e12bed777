// Trains the plain transformer of `whisker bench step` for 100 steps on an engine and prints digests of the whole state:
// after 100 steps, after 40 steps + read + write into another program + 60, and of the 100 losses. Two runs of this file
// that print the same have computed the same bits.
//   node scripts/gpu/check-bits.mjs DEVICE [deterministic] [bfloat16]
import { createHash } from 'node:crypto';
import { buildPlainStep, stepExample } from '../../dist/bench/step.js';
import { startEngine } from '../../dist/engine/start.js';

const [device, ...words] = process.argv.slice(2);
const SHAPE = { width: 128, heads: 4, feedForward: 256, layers: 2, batch: 8, windowFrames: 64 };
const STEPS = 100;
const SPLIT = 40;

const engine = await startEngine({ device, isDeterministic: words.includes('deterministic') });
const precision = words.includes('bfloat16') ? 'bfloat16' : 'float32';
const examples = Array.from({ length: 4 }, (_, number) => stepExample(SHAPE, number));
const fresh = () =>
  engine.compile(buildPlainStep(SHAPE, engine.branches), examples[0], { mode: 'auto', precision });
const rates = (step) => ({
  learningRate: 1e-3,
  firstCorrection: 1 - 0.9 ** (step + 1),
  secondCorrection: 1 - 0.999 ** (step + 1),
});
const train = (program, from, to) =>
  Array.from(
    { length: to - from },
    (_, i) => program.run(examples[(from + i) % 4].batch, rates(from + i)).loss.data[0],
  );
const digest = (arrays) => {
  const hash = createHash('sha256');
  for (const array of arrays) hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return hash.digest('hex').slice(0, 16);
};
const digestState = (program) => digest(Object.values(program.read()).map(({ data }) => data));

const first = await fresh();
const losses = train(first, 0, STEPS);
const whole = digestState(first);
first.write(examples[0].state);
train(first, 0, SPLIT);
const second = await fresh();
second.write(first.read());
train(second, SPLIT, STEPS);
console.log(
  JSON.stringify({
    device: engine.name,
    words,
    mode: first.mode,
    precision,
    losses: digest([Float64Array.from(losses)]),
    lastLoss: losses.at(-1),
    whole,
    split: digestState(second),
    isResumeExact: whole === digestState(second),
  }),
);
process.exit(0);
