/**
 * The engine that runs wherever npm does: tfjs' WebAssembly backend, op by op, on one thread. Many times slower than
 * the native engine; for looking around, and for machines that the native one does not fit.
 */
import * as tfjs from '@tensorflow/tfjs';
import { UserError } from '../errors.js';
import { compileProgram } from './compile.js';
import type { Engine } from './engine.js';

const BACKEND = 'wasm';
const PRODUCT = 'BatchMatMul';

/** @throws UserError (`device`) when WebAssembly can't be started */
export async function startPortable(reason: string): Promise<Engine> {
  const { version_wasm } = await import('@tensorflow/tfjs-backend-wasm');
  // A failing setBackend resolves to false and leaves another backend in place.
  const isSet = await tfjs.setBackend(BACKEND).catch(() => false);
  await tfjs.ready();
  if (!isSet || tfjs.getBackend() !== BACKEND) {
    throw new UserError(
      'device',
      `The portable engine can't start: tfjs took the backend "${tfjs.getBackend()}"`,
      {
        hint: 'Reinstall the npm packages; WebAssembly must not be switched off in Node',
      },
    );
  }
  installFastProducts();
  return {
    name: 'portable',
    device: 'WebAssembly, 1 thread',
    reason,
    versions: {
      library: `tfjs-backend-wasm ${version_wasm}`,
      tfjs: tfjs.version.tfjs,
      node: process.version,
    },
    threads: 1,
    branches: 1,
    tf: tfjs,
    compile: (step, example, options) =>
      compileProgram(
        { tf: tfjs, native: undefined, isGpu: false, allowsTf32: false },
        step,
        example,
        options,
      ),
    freeze() {
      throw new UserError('device', 'The portable engine can not write a SavedModel', {
        hint: 'Install the native one: whisker engine install cpu',
      });
    },
  };
}

/**
 * The backend has a fast product for two matrices that lie as they are, and a slow one for everything else. So every
 * product becomes that one: transpose first, one product per batch entry. (A whole training step: 5 times faster.)
 */
function installFastProducts(): void {
  const original = tfjs.getKernel(PRODUCT, BACKEND);
  if (original === undefined) throw new Error(`${BACKEND} has no ${PRODUCT}`);
  const product = (a: tfjs.Tensor, b: tfjs.Tensor, backend: unknown): tfjs.Tensor => {
    const inputs = { a, b };
    const attrs = { transposeA: false, transposeB: false };
    const info = original.kernelFunc({ inputs, attrs, backend: backend as object }) as tfjs.TensorInfo;
    return tfjs.engine().makeTensorFromTensorInfo(info);
  };
  tfjs.unregisterKernel(PRODUCT, BACKEND);
  tfjs.registerKernel({
    ...original,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const { transposeA, transposeB } = attrs as unknown as { transposeA: boolean; transposeB: boolean };
      return tfjs.tidy(() => {
        const a = matrices(inputs.a as tfjs.Tensor, transposeA); // [entry, row, inner]
        const b = matrices(inputs.b as tfjs.Tensor, transposeB); // [entry, inner, column]
        const lead = (inputs.a as tfjs.Tensor).shape.slice(0, -2);
        const shape = [...lead, a.shape[1], b.shape[2]];
        if (a.shape[0] !== b.shape[0]) {
          throw new Error(
            `batched products of ${a.shape[0]} and ${b.shape[0]} matrices: the numbers must be equal`,
          );
        }
        if (a.shape[0] === 1) return tfjs.reshape(product(a, b, backend), shape);
        const parts = Array.from({ length: a.shape[0] }, (_, entry) =>
          product(
            tfjs.slice(a, [entry, 0, 0], [1, -1, -1]),
            tfjs.slice(b, [entry, 0, 0], [1, -1, -1]),
            backend,
          ),
        );
        return tfjs.reshape(tfjs.concat(parts, 0), shape);
      });
    },
  });
}

/** [..., row, column] -> [entry, row, column], transposed where asked for. */
function matrices(tensor: tfjs.Tensor, isTransposed: boolean): tfjs.Tensor3D {
  const [rows, columns] = tensor.shape.slice(-2) as [number, number];
  const stacked = tfjs.reshape(tensor, [-1, rows, columns]) as tfjs.Tensor3D;
  return isTransposed ? tfjs.transpose(stacked, [0, 2, 1]) : stacked;
}
