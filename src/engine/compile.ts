/** Makes a program of a step: checks the example, records, picks the mode, writes the graph, loads it. */
import type * as tf from '@tensorflow/tfjs';
import { UserError } from '../errors.js';
import { makeEagerRunner } from './eager-runner.js';
import type { CompileOptions, Example, Mode, Precision, Program, Step } from './engine.js';
import { encodeSavedModel, type Graph } from './graph.js';
import type { HalfProductWay } from './half-products.js';
import type { NativeTf } from './native.js';
import { makeNativeRunner } from './native-runner.js';
import { makeProgram, type Signature, signatureOf } from './program.js';
import { type RecordedStep, recordStep, UnsupportedOpError } from './record.js';
import { changesState } from './recording.js';
import { refuse } from './step-result.js';
import { writeProgram } from './write-program.js';

export interface Compiler {
  readonly tf: typeof tf;
  /** Undefined on an engine that can't compile. */
  readonly native: NativeTf | undefined;
  readonly isGpu: boolean;
  /** Whether the library was loaded so that products may use TF32. */
  readonly allowsTf32: boolean;
}

interface Choice {
  readonly mode: Mode;
  readonly precision: Precision;
  readonly reason: string;
}

export async function compileProgram(
  compiler: Compiler,
  step: Step,
  example: Example,
  options: CompileOptions,
): Promise<Program> {
  const signature = signatureOf(example);
  const recorded = recordForCompiling(compiler, step, signature, options);
  const choice = chooseMode(compiler, recorded, options);
  if (choice.mode === 'eager' || compiler.native === undefined || !('recording' in recorded)) {
    return makeProgram(signature, makeEagerRunner(compiler.tf, step, example, signature), choice);
  }
  const { mode, precision } = choice;
  const halfProducts = precision === 'bfloat16' ? halfProductWay(mode, compiler.isGpu) : null;
  const plan = { ...recorded, signature, mode, halfProducts, isForGpu: compiler.isGpu };
  const savedModel = encodeSavedModel(writeProgram(plan));
  const runner = await makeNativeRunner(compiler.native, { ...plan, savedModel }, example);
  return makeProgram(signature, runner, choice);
}

function halfProductWay(mode: Mode, isGpu: boolean): HalfProductWay {
  return mode === 'xla' && !isGpu ? 'xla-dot' : 'cast-back';
}

/** Why there is nothing to compile. */
interface NotRecorded {
  readonly why: string;
}

/**
 * The rule of `auto`, from engine and program alone, so that the same run computes the same bits wherever it runs
 * again. XLA, which pays its compilation back over many runs. A plain graph on a GPU for a step that leaves its state as
 * it is: features gain nothing there from seconds of compilation. Op by op where nothing can be compiled.
 */
export function chooseMode(
  compiler: Pick<Compiler, 'isGpu' | 'allowsTf32'>,
  recorded: RecordedStep | NotRecorded,
  options: CompileOptions,
): Choice {
  const { mode, precision } = options;
  if (precision === 'tf32' && !compiler.allowsTf32) {
    throw new UserError('settings', 'precision tf32 needs a GPU, and an engine that was started for it', {
      hint: 'Use precision float32',
    });
  }
  if (!('recording' in recorded)) {
    if (mode !== 'auto' && mode !== 'eager')
      throw refuse(`can't be compiled (mode=${mode}): ${recorded.why}`);
    if (precision === 'bfloat16') {
      const why = mode === 'eager' ? 'mode eager makes none' : recorded.why;
      throw new UserError('settings', `precision bfloat16 needs a compiled program: ${why}`, {
        hint: mode === 'eager' ? 'Use mode auto, or precision float32' : 'Use precision float32',
      });
    }
    return { mode: 'eager', precision, reason: recorded.why };
  }
  if (mode !== 'auto') return { mode, precision, reason: 'asked for' };
  if (compiler.isGpu && !changesState(recorded.recording)) {
    return { mode: 'graph', precision, reason: 'auto: the step leaves its state as it is' };
  }
  return { mode: 'xla', precision, reason: 'auto: fastest over many runs' };
}

/** Records twice and compares: what differs between two recordings of one step was taken from outside of it. */
function recordForCompiling(
  compiler: Compiler,
  step: Step,
  signature: Signature,
  options: CompileOptions,
): RecordedStep | NotRecorded {
  if (options.mode === 'eager') return { why: 'asked for' };
  if (compiler.native === undefined) return { why: 'this engine can only run op by op' };
  try {
    const recorded = recordStep(compiler.native, step, signature);
    const again = recordStep(compiler.native, step, signature);
    assertSame(asGraph(recorded, signature), asGraph(again, signature));
    return recorded;
  } catch (error) {
    if (error instanceof UnsupportedOpError) return { why: error.message };
    throw error;
  }
}

function asGraph(recorded: RecordedStep, signature: Signature): Graph {
  return writeProgram({ ...recorded, signature, mode: 'graph', halfProducts: null, isForGpu: false });
}

function assertSame(first: Graph, second: Graph): void {
  const [a, b] = [first, second].map((graph) => encodeSavedModel(graph)) as [Uint8Array, Uint8Array];
  if (Buffer.compare(a, b) === 0) return;
  const encode = (graph: Graph, index: number): string => JSON.stringify(graph.nodes[index]);
  const index = first.nodes.findIndex((_, position) => encode(first, position) !== encode(second, position));
  const node = first.nodes[index] ?? second.nodes[first.nodes.length];
  const what = node === undefined ? 'the number of operations' : `${node.op} (operation ${index})`;
  throw refuse(
    `is not the same each time it is called: ${what} differs between two recordings of it`,
    'A number or a choice inside the step changes from call to call (a counter, a clock, a random draw); give it as a scalar or in the batch',
  );
}
