/** What the CUDA libraries read from the environment, once, while they load. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface GpuSettings {
  /** CUDA_VISIBLE_DEVICES: of several GPUs the binding would take the last, so exactly one is shown; `-1`: none. */
  readonly visibleGpus: string;
  /** Equal bits from run to run, at some cost in speed. */
  readonly isDeterministic: boolean;
  /** Products in TF32 in place of float32. */
  readonly allowsTf32: boolean;
  /** The installed libraries; NVIDIA's compiler and device library may stand beside them. */
  readonly libraryFolder: string;
}

/**
 * Variables for the CUDA libraries. `XLA_FLAGS` that the user has set come last, where they win.
 */
export function gpuEnvironment(
  { visibleGpus, isDeterministic, allowsTf32, libraryFolder }: GpuSettings,
  given: NodeJS.ProcessEnv,
): Readonly<Record<string, string>> {
  const compilerFolder = join(libraryFolder, 'nvidia', 'cuda_nvcc');
  const flags = [
    // XLA's own products would use TF32 whatever NVIDIA's libraries are told; and choosing them takes half a minute.
    '--xla_gpu_enable_triton_gemm=false',
    // Which kernel is the fastest is measured, and may come out otherwise the next time.
    ...(isDeterministic ? ['--xla_gpu_deterministic_ops=true', '--xla_gpu_autotune_level=0'] : []),
    ...(existsSync(compilerFolder) ? [`--xla_gpu_cuda_data_dir=${compilerFolder}`] : []),
    ...(given.XLA_FLAGS ? [given.XLA_FLAGS] : []),
  ];
  return {
    CUDA_VISIBLE_DEVICES: visibleGpus,
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    // float32 means float32 on Ampere and later too; less precision is asked for by name.
    NVIDIA_TF32_OVERRIDE: allowsTf32 ? '1' : '0',
    XLA_FLAGS: flags.join(' '),
    ...(isDeterministic ? { TF_DETERMINISTIC_OPS: '1', CUBLAS_WORKSPACE_CONFIG: ':4096:8' } : {}),
  };
}
