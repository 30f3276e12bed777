/** Loads tfjs with its native backend from the engine cache. Once per process: a native library can't be unloaded. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import nodeUtil from 'node:util';
import type * as tf from '@tensorflow/tfjs';
import { UserError } from '../errors.js';
import { tfjsNodeFolder } from './addon.js';
import { type GpuSettings, gpuEnvironment } from './gpu-environment.js';
import type { NativeEngineName } from './pins.js';
import { withQuietStderr } from './quiet-stderr.js';

/** The part of the native binding (N-API) that this room calls; tensors are known by number. */
export interface NativeBinding {
  createTensor(
    shape: readonly number[],
    dtype: number,
    values: Float32Array | Int32Array | Uint8Array,
  ): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  executeOp(
    op: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputCount: number,
  ): TensorMetadata[];
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  /** `inputs` and `outputs` are comma-separated names such as `batch/x:0`. */
  runSavedModel(model: number, tensors: readonly number[], inputs: string, outputs: string): TensorMetadata[];
  isUsingGpuDevice(): boolean;
  getNumOfTensors(): number;
  getNumOfSavedModels(): number;
  readonly TF_Version: string;
}

export interface TensorMetadata {
  readonly id: number;
  readonly shape: number[];
  /** TensorFlow's DataType number. */
  readonly dtype: number;
}

export interface OpAttribute {
  readonly name: string;
  /** TensorFlow's TF_AttrType number. */
  readonly type: number;
  readonly value: unknown;
}

/** tfjs' NodeJSKernelBackend, as far as the recorder needs it. */
export interface NativeBackend {
  binding: NativeBinding;
  readonly isUsingGpuDevice: boolean;
  readonly tensorMap: {
    get(dataId: object): { id: number; values: unknown };
    set(dataId: object, value: unknown): void;
  };
  getInputTensorIds(tensors: readonly { readonly dataId: object }[]): number[];
  createOutputTensor(metadata: TensorMetadata): tf.Tensor;
  readSync(dataId: object): unknown;
}

export interface NativeTf {
  readonly tf: typeof tf;
  readonly backend: NativeBackend;
  readonly binding: NativeBinding;
  /** What native code wrote while it started. */
  readonly log: string;
  /** Where XLA keeps compiled programs between processes; undefined: nowhere. */
  readonly programFolder: string | undefined;
}

export interface NativeSettings {
  /** As it was installed. */
  readonly name: NativeEngineName;
  readonly threads: number;
  /** Undefined: every GPU is hidden. */
  readonly gpu: GpuSettings | undefined;
  /** Where XLA keeps compiled programs between processes; undefined: nowhere. */
  readonly programFolder: string | undefined;
}

/**
 * Loads the addon at `addon`, which finds the libraries beside it.
 * @throws UserError (`device`) when it can't be loaded
 */
export function loadNativeTf(addon: string, settings: NativeSettings): NativeTf {
  setNativeEnvironment(settings);
  restoreRemovedNodeFunctions();
  const require = createRequire(join(tfjsNodeFolder(), 'package.json'));
  const forget = announceAddon(require, addon);
  try {
    const { log } = withQuietStderr(() => require('@tensorflow/tfjs-node-gpu'));
    const tfjs = require('@tensorflow/tfjs') as typeof tf; // the instance that the addon's package has set up
    const backend = tfjs.backend() as unknown as NativeBackend;
    if (tfjs.getBackend() !== 'tensorflow' || backend.binding === undefined) {
      throw new Error(`tfjs took the backend "${tfjs.getBackend()}" in place of the native one`);
    }
    return { tf: tfjs, backend, binding: backend.binding, log, programFolder: settings.programFolder };
  } catch (error) {
    if (error instanceof UserError) throw error;
    const log = (error as { nativeLog?: string }).nativeLog ?? '';
    throw new UserError('device', `The native engine can't be loaded: ${(error as Error).message}`, {
      hint: `Install it anew: whisker engine clear, then whisker engine install ${settings.name}${log === '' ? '' : `\n${log.slice(-2000)}`}`,
      cause: error,
    });
  } finally {
    forget();
  }
}

/** Read once by the libraries while they load, so it is set before. */
function setNativeEnvironment(settings: NativeSettings): void {
  const threads = String(settings.threads);
  Object.assign(process.env, {
    TF_NUM_INTRAOP_THREADS: threads,
    ...(settings.gpu === undefined
      ? { CUDA_VISIBLE_DEVICES: '-1' }
      : gpuEnvironment(settings.gpu, process.env)),
    TF_CPP_MIN_LOG_LEVEL: process.env.TF_CPP_MIN_LOG_LEVEL ?? '3',
  });
  if (settings.programFolder !== undefined) {
    const flag = `--tf_xla_persistent_cache_directory=${settings.programFolder}`;
    process.env.TF_XLA_FLAGS = [process.env.TF_XLA_FLAGS, flag].filter((text) => text).join(' ');
  }
}

/** tfjs-node 4 calls two functions of `node:util` that Node 23 removed. */
function restoreRemovedNodeFunctions(): void {
  const util = nodeUtil as unknown as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}

/**
 * tfjs-node asks `@mapbox/node-pre-gyp` where its addon lies; a stand-in answers with the cached one, so that
 * nothing need be written into node_modules. Returns how to take the stand-in away again.
 */
function announceAddon(require: NodeJS.Require, addon: string): () => void {
  const path = require.resolve('@mapbox/node-pre-gyp');
  const standIn = {
    id: path,
    filename: path,
    loaded: true,
    exports: { find: () => addon },
    children: [],
    paths: [],
  };
  const before = require.cache[path];
  require.cache[path] = { ...standIn, path: dirname(path) } as unknown as NodeJS.Module;
  return () => {
    if (before === undefined) delete require.cache[path];
    else require.cache[path] = before;
  };
}
