/**
 * The contract of the engine room. A training step, a feature extraction and the heavy products of head
 * fitting are all pure functions `step(state, batch, scalars) -> { state, outputs }`; `Engine.compile`
 * records one and hands back a `Program` that keeps the state on the device.
 *
 * Everything outside this folder knows these types and nothing else of backends, sessions or graphs.
 */
import type * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../arrays.js';

export type { HostArray, HostArrays } from '../arrays.js';
export { startEngine } from './start.js';

/** `xla`: one graph, compiled as a whole. `graph`: one graph, run node by node. `eager`: op by op. */
export type Mode = 'xla' | 'graph' | 'eager';

/**
 * Of matrix products; everything else, and every result, is float32. `tf32`: factors rounded to 10 bits of mantissa in
 * place of 23, on GPUs from Ampere on. `bfloat16`: to 7 bits.
 */
export type Precision = 'float32' | 'tf32' | 'bfloat16';

/** What can be asked for; `auto` takes the best engine that starts and `Engine.reason` says why. */
export type Device = 'auto' | 'cpu' | 'cuda' | `cuda:${number}` | 'portable';

export type Tensors = Readonly<Record<string, tf.Tensor>>;

/**
 * A pure function: tfjs ops on its arguments only, no host reads, no randomness, no tensors from outside,
 * the same ops whatever the values are. Plain JavaScript numbers inside it are frozen into the program.
 *
 * The returned state has the keys, shapes and dtypes of the given state (keys may come back unchanged; an empty
 * state is allowed). Scalars arrive as float32 tensors of shape []. Outputs are float32 or int32.
 * Where `outputs` holds a scalar named `ok`, the new state is stored only when `ok > 0`; else the old one stays.
 */
export type Step = (state: Tensors, batch: Tensors, scalars: Tensors) => StepResult;

/** What a step gives: the next state, with the paths and shapes of the one before, and what is read back. */
export interface StepResult {
  readonly state: Tensors;
  readonly outputs: Tensors;
}

/** What an output looks like: known from the recording, since every shape in a program is static. */
export interface OutputInfo {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
}

/** One compiled step with its own state. Programs share nothing: copy parameters by `write(read())`. */
export interface Program {
  /** How this program runs. */
  readonly mode: Mode;
  readonly precision: Precision;
  /** Why this mode: the rule that `auto` followed, or that it was asked for. */
  readonly reason: string;
  readonly outputs: readonly OutputInfo[];
  /**
   * Runs the step once. The outputs named in `fetch` (default: all) come back as host arrays; the state stays on the
   * device. The call blocks: give the event loop a macrotask (`setImmediate`) between calls.
   * @throws UserError when a name, shape or dtype differs from the example.
   */
  run(batch: HostArrays, scalars: Readonly<Record<string, number>>, fetch?: readonly string[]): HostArrays;
  /** The whole state as host arrays. */
  read(): HostArrays;
  /** Replaces the state: all keys, or some of them. Values arrive bit for bit. */
  write(state: HostArrays): void;
  /** Frees the state and the program's native memory; any later call throws. Calling it twice is allowed. */
  dispose(): void;
}

/** One call of the step, with true shapes and sensible values; the state becomes the program's first state. */
export interface Example {
  readonly state: HostArrays;
  readonly batch: HostArrays;
  readonly scalars: Readonly<Record<string, number>>;
}

/** How a program shall run. */
export interface CompileOptions {
  /** `auto` is a pure rule of engine and program, never a timing: see `chooseMode`. */
  readonly mode: Mode | 'auto';
  readonly precision: Precision;
}

export interface EngineVersions {
  /** TensorFlow's C library, or the backend package of the portable engine. */
  readonly library: string;
  readonly tfjs: string;
  readonly node: string;
}

/** A started engine: records steps and makes programs of them. One at a time in a process. */
export interface Engine {
  readonly name: 'cpu' | 'cuda' | 'portable';
  /** For people: the processor or the GPU that does the work. */
  readonly device: string;
  /** What was asked for, what was taken and why. */
  readonly reason: string;
  readonly versions: EngineVersions;
  /** Threads within one op; the numbers' last bits depend on it. */
  readonly threads: number;
  /**
   * Independent branches of a program that run at the same time; a step that splits its work in so many is faster. A
   * GPU gives all its cores to one operation after the other.
   */
  readonly branches: number;
  /** The one tfjs instance, with this engine's backend set. */
  readonly tf: typeof tf;
  /** Records `step` and makes a program of it. @throws UserError when the step is not pure or can't be compiled. */
  compile(step: Step, example: Example, options: CompileOptions): Promise<Program>;
  /**
   * The bytes of a `saved_model.pb` that other programs can run without this one: the example's state frozen in, the
   * batch's fields and the outputs by name in `serving_default`, shapes as in the example. The step has no scalars.
   * @throws UserError when the step is not pure or the engine can't compile
   */
  freeze(step: Step, example: Example): Uint8Array;
}

export interface StartOptions {
  readonly device: Device;
  /** Threads within one op; left out: one per processor that this process may use. */
  readonly threads?: number;
  /** Equal bits from run to run on a GPU too, at some cost in speed; elsewhere they always are. Default: false. */
  readonly isDeterministic?: boolean;
  /** Whether programs are to be compiled with precision tf32: read once, when the library is loaded. Default: false. */
  readonly allowsTf32?: boolean;
}
