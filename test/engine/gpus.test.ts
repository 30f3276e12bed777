import { expect, it } from 'vitest';
import { surveyGpus } from '../../src/engine/gpus.js';

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
