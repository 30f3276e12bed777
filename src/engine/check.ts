/** Tries an engine in a process of its own: starting it, a product and its gradient against plain JavaScript. */
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Device, Engine, EngineVersions } from './engine.js';

const LIMIT_MS = 120_000;
/** float32 sums of 16 products, against float64. */
const TOLERANCE = 1e-5;
const OUTPUT_TAIL_CHARACTERS = 2000;

/** Plain data: what `doctor` shows. */
export type EngineCheck =
  | {
      readonly device: Device;
      readonly isFine: true;
      readonly name: Engine['name'];
      readonly does: string;
      readonly reason: string;
      readonly versions: EngineVersions;
      readonly threads: number;
      /** The largest difference from plain JavaScript. */
      readonly largestError: number;
    }
  | { readonly device: Device; readonly isFine: false; readonly problem: string; readonly remedy?: string };

/** Never throws: whatever goes wrong, a crash of native code too, is the result. */
export function checkEngine(device: Device): Promise<EngineCheck> {
  return new Promise((resolve) => {
    const child = fork(compiledScript(), [device], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [],
    });
    let output = '';
    let result: EngineCheck | undefined;
    const collect = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-OUTPUT_TAIL_CHARACTERS);
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    child.on('message', (message) => {
      result = message as EngineCheck;
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
    const fail = (problem: string): EngineCheck => ({ device, isFine: false, problem });
    child.on('error', (error) => resolve(fail(error.message)));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const end = signal === null ? `exit code ${code}` : `signal ${signal}`;
      resolve(result ?? fail(`The engine's process ended with ${end}\n${output.trim()}`));
    });
  });
}

/** Child processes run compiled code, also when this file itself is run from its source. */
function compiledScript(): string {
  const beside = fileURLToPath(new URL('./check-process.js', import.meta.url));
  return existsSync(beside) ? beside : beside.replace(/([\\/])src([\\/]engine[\\/])/, '$1dist$2');
}

/**
 * A product of two matrices and the gradient of its squared sum.
 * @returns the largest difference from plain JavaScript
 */
export async function measureError(engine: Engine): Promise<number> {
  const size = 16;
  const entry =
    (seed: number) =>
    (_: unknown, index: number): number =>
      Math.sin(seed + 1.3 * index);
  const a = Float32Array.from({ length: size * size }, entry(0.1));
  const b = Float32Array.from({ length: size * size }, entry(0.7));
  const example = {
    state: {},
    batch: { a: { shape: [size, size], data: a }, b: { shape: [size, size], data: b } },
    scalars: {},
  };
  const { tf } = engine;
  const program = await engine.compile(
    (state, batch) => {
      const product = tf.matMul(batch.a as never, batch.b as never);
      const gradient = tf.grad((x) => tf.sum(tf.square(tf.matMul(x, batch.b as never))))(batch.a as never);
      return { state, outputs: { product, gradient } };
    },
    example,
    { mode: 'auto', precision: 'float32' },
  );
  const { product, gradient } = program.run(example.batch, {});
  program.dispose();

  const multiply = (x: ArrayLike<number>, y: (inner: number, column: number) => number): Float64Array =>
    Float64Array.from({ length: size * size }, (_, index) => {
      let sum = 0;
      for (let k = 0; k < size; k++)
        sum += (x[size * Math.floor(index / size) + k] as number) * y(k, index % size);
      return sum;
    });
  const expected = multiply(a, (k, column) => b[size * k + column] as number);
  // d/dA sum((A B)^2) = 2 (A B) B^T
  const expectedGradient = multiply(expected, (k, column) => 2 * (b[size * column + k] as number));
  const difference = (found: ArrayLike<number> | undefined, wanted: Float64Array): number =>
    wanted.reduce((largest, value, index) => {
      const error = Math.abs((found?.[index] ?? Number.NaN) - value) / (1 + Math.abs(value));
      return error > largest || Number.isNaN(error) ? error : largest;
    }, 0);
  return Math.max(difference(product?.data, expected), difference(gradient?.data, expectedGradient));
}

export function isAccurate(largestError: number): boolean {
  return largestError <= TOLERANCE;
}
