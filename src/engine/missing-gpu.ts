/** Why TensorFlow finds no GPU where one was asked for: driver, GPU, or a library that it opens by name. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type GpuSurvey, NO_GPU, surveyGpus } from './gpus.js';
import { LOADED_LIBRARIES, NVIDIA_PINS } from './nvidia-pins.js';

/** What was found out about this machine. */
export interface CudaState {
  readonly survey: GpuSurvey;
  /** What CUDA_VISIBLE_DEVICES shows: a number, or a name that the driver knows. */
  readonly visibleGpu: string;
  /** Names of libraries that lie nowhere where the loader looks. */
  readonly missingLibraries: readonly string[];
}

export interface Explanation {
  readonly problem: string;
  readonly hint: string;
}

export function explainMissingGpu({ survey, visibleGpu, missingLibraries }: CudaState): Explanation {
  if ('none' in survey) {
    return {
      problem: survey.none,
      hint: "Install NVIDIA's driver (525 or newer) and see that nvidia-smi shows the GPU; or use device=cpu",
    };
  }
  if (visibleGpu === NO_GPU) {
    return {
      problem: 'CUDA_VISIBLE_DEVICES shows no GPU',
      hint: 'Unset it, or name a GPU in it; device=cuda:NUMBER takes one whatever it says',
    };
  }
  const known = survey.gpus.map(({ index, name }) => `${index} (${name})`).join(', ');
  if (/^\d+$/.test(visibleGpu) && !survey.gpus.some(({ index }) => index === Number(visibleGpu))) {
    return {
      problem: `there is no GPU ${visibleGpu}; the driver shows ${known}`,
      hint: 'Name another one: device=cuda:NUMBER',
    };
  }
  if (missingLibraries.length > 0) {
    return {
      problem: `GPU ${known} is there, but these libraries of CUDA 12 and cuDNN 9 are not: ${missingLibraries.join(', ')}`,
      hint: 'Fetch them: whisker engine install cuda; or put their folders on LD_LIBRARY_PATH',
    };
  }
  const drivers = [...new Set(survey.gpus.map(({ driver }) => driver))].join(', ');
  return {
    problem: `GPU ${known} and the libraries are there, but TensorFlow does not use them (driver ${drivers})`,
    hint: 'The driver must be 525 or newer and the GPU of compute capability 6.0 or newer; TF_CPP_MIN_LOG_LEVEL=0 shows what TensorFlow says',
  };
}

/** Looks at this machine. @param libraryFolder of the CUDA engine */
export function lookForCuda(libraryFolder: string, visibleGpu: string): CudaState {
  const folders = [
    ...NVIDIA_PINS.map(({ folder }) => join(libraryFolder, 'nvidia', folder, 'lib')),
    ...(process.env.LD_LIBRARY_PATH ?? '').split(':').filter((folder) => folder !== ''),
  ];
  const known = spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' }).stdout ?? '';
  return { survey: surveyGpus(), visibleGpu, missingLibraries: findMissing(folders, known) };
}

/** @param loaderCache what `ldconfig -p` prints */
export function findMissing(folders: readonly string[], loaderCache: string): readonly string[] {
  const cached = new Set(
    loaderCache.split('\n').flatMap((line) => {
      const path = line.split(' => ')[1];
      return path !== undefined && existsSync(dirname(path)) ? [line.trim().split(' ', 1)[0]] : [];
    }),
  );
  return LOADED_LIBRARIES.filter(
    (name) => !cached.has(name) && !folders.some((folder) => existsSync(join(folder, name))),
  );
}
