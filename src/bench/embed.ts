import type * as tf from '@tensorflow/tfjs';
import type { CompileOptions, Engine, Step } from '../engine/engine.js';
import { branchedEncoder } from '../model/encoders/branched.js';
import { buildTransformer } from '../model/encoders/transformer.js';
import { seededRandom } from '../random.js';
import { type BenchResult, measureRuns } from './measure.js';
import { CHANNELS, noise } from './noise.js';
import { ENCODER, WINDOW_FRAMES } from './pretrain.js';
import { describeProgram } from './program-name.js';

export interface EmbedBenchOptions {
  readonly windows: number;
  readonly compile: CompileOptions;
  readonly steps: number;
}

const BATCHES = 4;
const WARM_UP_STEPS = 5;

/**
 * Times the frozen encoder over whole windows, features back on the host: the work of
 * `scripts/peers/torch_step.py embed`.
 */
export async function benchEmbed(engine: Engine, options: EmbedBenchOptions): Promise<BenchResult> {
  const { windows, compile, steps } = options;
  const transformer = buildTransformer({ channels: CHANNELS, windowTokens: WINDOW_FRAMES }, ENCODER);
  const encoder = branchedEncoder(transformer, engine.branches);
  const random = seededRandom(1, 'bench');
  const everyFrame = Int32Array.from({ length: windows * WINDOW_FRAMES }, (_, row) => row % WINDOW_FRAMES);
  const batches = Array.from({ length: BATCHES }, (_, number) => ({
    tokens: noise(random.fork('batch', number), [windows, WINDOW_FRAMES, CHANNELS]),
    position: { shape: [windows, WINDOW_FRAMES], data: everyFrame },
  }));
  const step: Step = (state, { tokens, position }) => {
    const layers = encoder.apply(state, tokens as tf.Tensor3D, position as tf.Tensor2D);
    return { state, outputs: { features: layers[layers.length - 1] } };
  };
  const example = { state: encoder.init(random), batch: batches[0], scalars: {} };
  const program = await engine.compile(step, example, compile);
  const plan = { warmUpRuns: WARM_UP_STEPS, runs: steps, framesPerRun: windows * WINDOW_FRAMES };
  const result = await measureRuns(describeProgram(engine, program), plan, (number) => {
    program.run(batches[number % BATCHES], {});
  });
  program.dispose();
  return result;
}
