/** Makes a program of a step: checks the example, picks the mode, records, compiles. */
import type * as tf from '@tensorflow/tfjs';
import { makeEagerRunner } from './eager-runner.js';
import type { CompileOptions, Example, Program, Step } from './engine.js';
import type { NativeTf } from './native.js';
import { makeProgram, signatureOf } from './program.js';

export interface Compiler {
  readonly tf: typeof tf;
  /** Undefined on an engine that can't compile. */
  readonly native: NativeTf | undefined;
  readonly isGpu: boolean;
}

export async function compileProgram(
  compiler: Compiler,
  step: Step,
  example: Example,
  options: CompileOptions,
): Promise<Program> {
  const signature = signatureOf(example);
  const runner = makeEagerRunner(compiler.tf, step, example, signature);
  return makeProgram(signature, runner, {
    mode: 'eager',
    precision: options.precision,
    reason: 'only mode so far',
  });
}
