/** Starts an engine: picks it, loads it, checks that it is what was asked for. One engine per process. */
import { availableParallelism, cpus } from 'node:os';
import { UserError } from '../errors.js';
import { engineFolder } from './cache.js';
import { compileProgram } from './compile.js';
import type { Device, Engine, StartOptions } from './engine.js';
import { writeFrozenModel } from './frozen-model.js';
import { visibleGpu, whyNoGpu } from './gpus.js';
import { findEngine, type InstalledEngine } from './install.js';
import { explainMissingGpu, lookForCuda } from './missing-gpu.js';
import { loadNativeTf, type NativeTf } from './native.js';
import { startPortable } from './portable.js';
import { openProgramFolder } from './program-folder.js';

let started: { readonly key: string; readonly engine: Promise<Engine> } | undefined;

/**
 * Starts the engine for a device; asking again for the same gives the same engine.
 * @throws UserError (`device`) when a device that was named can't be had: with the reason and the remedy
 */
export async function startEngine(options: StartOptions): Promise<Engine> {
  const choice = {
    threads: options.threads ?? availableParallelism(),
    isDeterministic: options.isDeterministic ?? false,
    allowsTf32: options.allowsTf32 ?? false,
  };
  const words = [choice.isDeterministic ? ', deterministic' : '', choice.allowsTf32 ? ', tf32' : ''];
  const key = `${options.device}, ${choice.threads} threads${words.join('')}`;
  if (started !== undefined) {
    if (started.key === key) return started.engine;
    throw new UserError(
      'usage',
      `This process has started an engine (${started.key}) and can't start another (${key})`,
      {
        hint: 'A native library is loaded once per process: use another process',
      },
    );
  }
  const engine = startFresh(options.device, choice);
  started = { key, engine };
  // A failed start has loaded nothing that stays, so that it may be tried again.
  engine.catch(() => {
    started = undefined;
  });
  return engine;
}

interface Choice {
  readonly threads: number;
  readonly isDeterministic: boolean;
  readonly allowsTf32: boolean;
}

async function startFresh(device: Device, choice: Choice): Promise<Engine> {
  if (device === 'portable') return startPortable('asked for');
  if (device === 'auto') return startAuto(choice);
  const wantsGpu = device !== 'cpu';
  const installed = wantsGpu
    ? await findEngine('cuda')
    : ((await findEngine('cpu')) ?? (await findEngine('cuda')));
  if (installed === undefined) throw notInstalled(wantsGpu ? 'cuda' : 'cpu');
  const engine = await loadInstalled(
    installed,
    choice,
    wantsGpu ? visibleGpu(device) : undefined,
    'asked for',
  );
  if (wantsGpu && engine.name !== 'cuda') {
    const { problem, hint } = explainMissingGpu(lookForCuda(installed.libraryFolder, visibleGpu(device)));
    throw new UserError('device', `device=${device} can't be had: ${problem}`, { hint });
  }
  return engine;
}

/** The GPU, if the CUDA engine is installed and finds one; else the CPU's engine; else the portable one. */
async function startAuto(choice: Choice): Promise<Engine> {
  const cuda = await findEngine('cuda');
  const noGpu = whyNoGpu();
  if (cuda !== undefined && noGpu === undefined) {
    const engine = await loadInstalled(
      cuda,
      choice,
      visibleGpu('cuda'),
      'auto: the CUDA engine is installed',
    );
    if (engine.name === 'cuda') return engine;
    const { problem } = explainMissingGpu(lookForCuda(cuda.libraryFolder, visibleGpu('cuda')));
    return { ...engine, reason: `auto: the CUDA engine is installed, but ${problem}` };
  }
  const cpu = (await findEngine('cpu')) ?? cuda;
  if (cpu !== undefined) {
    const why = cuda === undefined ? 'the CUDA engine is not installed' : noGpu;
    return loadInstalled(cpu, choice, undefined, `auto: ${why}`);
  }
  return startPortable(
    'auto: no native engine is installed (whisker engine install cpu makes this many times faster)',
  );
}

async function loadInstalled(
  installed: InstalledEngine,
  choice: Choice,
  visibleGpus: string | undefined,
  reason: string,
): Promise<Engine> {
  if (installed.addon === undefined) {
    throw new UserError(
      'device',
      `The ${installed.name} engine is there, but its addon does not fit this machine or version`,
      {
        hint: `Compile it: whisker engine install ${installed.name}`,
      },
    );
  }
  const { name, libraryFolder } = installed;
  const { threads, isDeterministic, allowsTf32 } = choice;
  const gpu =
    visibleGpus === undefined ? undefined : { visibleGpus, isDeterministic, allowsTf32, libraryFolder };
  const programFolder = await openProgramFolder(engineFolder(), installed, gpu);
  return nativeEngine(loadNativeTf(installed.addon, { name, threads, gpu, programFolder }), choice, reason);
}

/** More make programs slower to compile, and none was seen to run faster for it. */
const MOST_BRANCHES = 2;

function nativeEngine(native: NativeTf, choice: Choice, reason: string): Engine {
  const { threads } = choice;
  const isGpu = native.binding.isUsingGpuDevice();
  const allowsTf32 = isGpu && choice.allowsTf32;
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  const engine: Engine = {
    name: isGpu ? 'cuda' : 'cpu',
    device: isGpu
      ? `GPU ${process.env.CUDA_VISIBLE_DEVICES}`
      : `${processor}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    reason,
    versions: {
      library: `TensorFlow ${native.binding.TF_Version}`,
      tfjs: native.tf.version.tfjs,
      node: process.version,
    },
    threads,
    branches: isGpu ? 1 : Math.min(threads, MOST_BRANCHES),
    tf: native.tf,
    compile: (step, example, options) =>
      compileProgram({ tf: native.tf, native, isGpu, allowsTf32 }, step, example, options),
    freeze: (step, example) => writeFrozenModel(native, step, example),
  };
  return engine;
}

function notInstalled(name: 'cpu' | 'cuda'): UserError {
  return new UserError('device', `The ${name} engine is not installed in ${engineFolder()}`, {
    hint: `Install it: whisker engine install ${name}`,
  });
}
