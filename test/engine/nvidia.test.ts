import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { explainMissingGpu, findMissing } from '../../src/engine/missing-gpu.js';
import { installNvidia, nvidiaFolderOf } from '../../src/engine/nvidia.js';
import { LOADED_LIBRARIES, NVIDIA_PINS } from '../../src/engine/nvidia-pins.js';
import { smallWheels } from './small-wheels.js';
import { zip } from './zip.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nvidia-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const filesOf = (place: string) =>
  readdirSync(place, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(place, name)).isFile())
    .sort();

describe("NVIDIA's wheels", () => {
  it("lie beside TensorFlow's libraries, with their licences and nothing else", async () => {
    const libraries = join(folder, 'cache', 'libraries', 'tensorflow');
    mkdirSync(libraries, { recursive: true });
    await installNvidia(join(folder, 'cache'), libraries, { ...smallWheels(folder), onProgress: () => {} });
    expect(filesOf(join(libraries, 'nvidia'))).toEqual([
      'cublas/License.txt',
      'cublas/lib/libcublas.so.12',
      'cuda_nvcc/License.txt',
      'cuda_nvcc/bin/ptxas',
      'cuda_nvcc/nvvm/libdevice/libdevice.10.bc',
    ]);
    expect(statSync(join(libraries, 'nvidia/cuda_nvcc/bin/ptxas')).mode & 0o777).toBe(0o755);
    expect(readFileSync(join(libraries, 'nvidia/cublas/lib/libcublas.so.12'), 'utf8')).toBe(
      'cublas lib/libcublas.so.12',
    );
  });

  it('of a later version take the place of earlier ones', async () => {
    const cache = join(folder, 'cache');
    const libraries = join(cache, 'libraries', 'tensorflow');
    mkdirSync(libraries, { recursive: true });
    const { wheels, pins } = smallWheels(folder);
    await installNvidia(cache, libraries, { wheels, pins, onProgress: () => {} });
    const fewer = pins.slice(0, 1);
    await installNvidia(cache, libraries, { wheels, pins: fewer, onProgress: () => {} });
    const target = readlinkSync(join(libraries, 'nvidia'));
    expect(join(libraries, target)).toBe(nvidiaFolderOf(cache, fewer));
    expect(filesOf(join(libraries, 'nvidia'))).toHaveLength(2);
  });

  it('leave nothing where one of them is another', async () => {
    const libraries = join(folder, 'cache', 'libraries', 'tensorflow');
    mkdirSync(libraries, { recursive: true });
    const { wheels, pins } = smallWheels(folder);
    writeFileSync(join(wheels, 'cuda_nvcc.whl'), zip({ other: '' }));
    await expect(
      installNvidia(join(folder, 'cache'), libraries, { wheels, pins, onProgress: () => {} }),
    ).rejects.toThrow('its sha256 must be');
    expect(readdirSync(join(folder, 'cache', 'libraries'))).toEqual(['tensorflow']);
    expect(readdirSync(libraries)).toEqual([]);
  });

  it('hold everything that TensorFlow opens', () => {
    const held = NVIDIA_PINS.flatMap(({ members }) => members.map((member) => member.split('/').at(-1)));
    expect(held).toEqual(expect.arrayContaining([...LOADED_LIBRARIES]));
  });
});

describe('a GPU that is not used', () => {
  const gpus = [{ index: 0, name: 'NVIDIA H200', memoryBytes: 1, driver: '470.1' }];

  it.each([
    [{ survey: { none: 'no NVIDIA driver here' } }, 'no NVIDIA driver here', 'Install'],
    [{ visibleGpu: '-1' }, 'CUDA_VISIBLE_DEVICES shows no GPU', 'Unset it'],
    [{ visibleGpu: '3' }, 'there is no GPU 3; the driver shows 0 (NVIDIA H200)', 'cuda:NUMBER'],
    [
      { missingLibraries: ['libcudnn.so.9'] },
      'GPU 0 (NVIDIA H200) is there, but these libraries of CUDA 12 and cuDNN 9 are not: libcudnn.so.9',
      'whisker engine install cuda',
    ],
    [{}, 'TensorFlow does not use them (driver 470.1)', '525 or newer'],
  ])('%j', (found, problem, hint) => {
    const state = { survey: { gpus }, visibleGpu: '0', missingLibraries: [], ...found };
    const explained = explainMissingGpu(state);
    expect(explained.problem).toContain(problem);
    expect(explained.hint).toContain(hint);
  });

  it('misses what lies neither in the folders nor where the loader looks', () => {
    writeFileSync(join(folder, 'libcublas.so.12'), '');
    const cache = [
      '2 libs found in cache',
      `\tlibcudart.so.12 (libc6,x86-64) => ${folder}/libcudart.so.12`,
      '\tlibcudnn.so.9 (libc6,x86-64) => /gone/libcudnn.so.9',
    ];
    const missing = findMissing([folder], cache.join('\n'));
    expect(missing).not.toContain('libcublas.so.12');
    expect(missing).not.toContain('libcudart.so.12');
    expect(missing).toContain('libcudnn.so.9');
    expect(missing).toHaveLength(LOADED_LIBRARIES.length - 2);
  });
});
