import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { surveyGpus, visibleGpu, whyNoGpu } from '../../src/engine/gpus.js';
import { openProgramFolder } from '../../src/engine/program-folder.js';

const answer = (given: { status?: number; stdout?: string; stderr?: string; code?: string }) => () => ({
  status: given.status ?? 0,
  stdout: given.stdout ?? '',
  stderr: given.stderr ?? '',
  ...(given.code === undefined ? {} : { error: Object.assign(new Error(given.code), { code: given.code }) }),
});

it('reads what the driver tells of each GPU', () => {
  const stdout = '0, NVIDIA H200, 143771, 580.159.04\n1, NVIDIA A100-SXM4-80GB, 81920, 580.159.04\n';
  expect(surveyGpus(answer({ stdout }))).toEqual({
    gpus: [
      { index: 0, name: 'NVIDIA H200', memoryBytes: 143771 * 1024 ** 2, driver: '580.159.04' },
      { index: 1, name: 'NVIDIA A100-SXM4-80GB', memoryBytes: 81920 * 1024 ** 2, driver: '580.159.04' },
    ],
  });
});

it.each([
  ['no driver', { code: 'ENOENT' }, 'no NVIDIA driver here (nvidia-smi was not found)'],
  ['a tool that hangs', { code: 'ETIMEDOUT' }, 'nvidia-smi fails: ETIMEDOUT'],
  [
    'a driver that is not loaded',
    { status: 9, stdout: "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n" },
    "nvidia-smi fails: NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.",
  ],
  ['silence', { status: 4 }, 'nvidia-smi fails: exit code 4'],
  ['no GPU', { stdout: '\n' }, 'nvidia-smi lists no GPU'],
])('says why none is known: %s', (_, given, none) => {
  expect(surveyGpus(answer(given))).toEqual({ none });
});

it.each([
  ['neither device', [], {}, 'there is no NVIDIA GPU here'],
  ['the driver of Linux', ['/dev/nvidiactl'], {}, undefined],
  ['the GPU of Windows under WSL2', ['/dev/dxg'], {}, undefined],
  ['hidden', ['/dev/nvidiactl'], { CUDA_VISIBLE_DEVICES: '' }, 'CUDA_VISIBLE_DEVICES shows no GPU'],
  ['hidden by name', ['/dev/dxg'], { CUDA_VISIBLE_DEVICES: '-1' }, 'CUDA_VISIBLE_DEVICES shows no GPU'],
  ['shown', ['/dev/nvidiactl'], { CUDA_VISIBLE_DEVICES: '2' }, undefined],
])('knows whether to look for one: %s', (_, files: string[], environment, why) => {
  expect(whyNoGpu(environment, (file) => files.includes(String(file)))).toBe(why);
});

it.each([
  ['cuda', undefined, '0'],
  ['cuda', '3,1', '3'],
  ['cuda', ' GPU-8932f937, 1', 'GPU-8932f937'],
  ['cuda', '', '-1'],
  ['cuda', '-1', '-1'],
  ['cuda', 'NoDevFiles', '-1'],
  ['cuda:1', '', '1'],
] as const)('shows one GPU: %s where CUDA_VISIBLE_DEVICES is %j', (device, visible, shown) => {
  expect(visibleGpu(device, { CUDA_VISIBLE_DEVICES: visible })).toBe(shown);
});

it.skipIf(existsSync('/proc/driver/nvidia/gpus'))(
  'keeps programs of another GPU or driver apart where only the tool tells them',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gpus-'));
    vi.stubEnv('PATH', folder);
    const installed = { name: 'cuda', version: '', libraryFolder: folder, hasNvidia: false } as const;
    const gpu = { visibleGpus: '0', isDeterministic: false, allowsTf32: false, libraryFolder: folder };
    const folderWith = (told: string) => {
      writeFileSync(join(folder, 'nvidia-smi'), `#!/bin/sh\necho '${told}'\n`, { mode: 0o755 });
      return openProgramFolder(folder, { ...installed, addon: undefined, sizeBytes: 0 }, gpu);
    };
    try {
      const first = await folderWith('0, NVIDIA GeForce RTX 4090, 24564, 551.86');
      expect(await folderWith('0, NVIDIA GeForce RTX 4090, 24564, 551.86')).toBe(first);
      expect(await folderWith('0, NVIDIA GeForce RTX 4090, 24564, 560.70')).not.toBe(first);
      expect(await folderWith('0, NVIDIA GeForce RTX 3060, 12288, 551.86')).not.toBe(first);
    } finally {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true });
    }
  },
);
