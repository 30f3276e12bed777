import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { buildDist } from '../commands/dist.js';
import { smallWheels } from './small-wheels.js';

let module: string;
beforeAll(() => {
  module = pathToFileURL(join(buildDist(), 'engine/nvidia.js')).href;
});
let folder: string;
let libraries: string;
let wheels: ReturnType<typeof smallWheels>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'install-'));
  libraries = join(folder, 'cache', 'libraries', 'tensorflow');
  mkdirSync(libraries, { recursive: true });
  wheels = smallWheels(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Installs in a process of its own, which kills itself when it begins with wheel number `killAt`. */
async function install(killAt = Number.POSITIVE_INFINITY): Promise<number | NodeJS.Signals> {
  const script = `
    const { installNvidia } = await import(${JSON.stringify(module)});
    let begun = 0;
    await installNvidia(${JSON.stringify(join(folder, 'cache'))}, ${JSON.stringify(libraries)}, {
      ...${JSON.stringify(wheels)},
      onProgress({ phase }) {
        if (phase === 'unpack' && ++begun === ${killAt}) process.kill(process.pid, 'SIGKILL');
      },
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
  const [code, signal] = await once(child, 'exit');
  return signal ?? code;
}

const installed = () =>
  readdirSync(join(libraries, 'nvidia'), { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(libraries, 'nvidia', name)).isFile())
    .sort();
const WHOLE = [
  'cublas/License.txt',
  'cublas/lib/libcublas.so.12',
  'cuda_nvcc/License.txt',
  'cuda_nvcc/bin/ptxas',
  'cuda_nvcc/nvvm/libdevice/libdevice.10.bc',
];
/** Neither locks nor begun folders. */
const entries = () =>
  readdirSync(join(folder, 'cache', 'libraries')).map((name) => name.replace(/-\w+$/, ''));

it('three installs at once make one whole entry', async () => {
  expect(await Promise.all([install(), install(), install()])).toEqual([0, 0, 0]);
  expect(installed()).toEqual(WHOLE);
  expect(entries().sort()).toEqual(['nvidia-cu12', 'tensorflow']);
});

it.each([1, 2])(
  'an install that is killed at wheel %i leaves no entry, and the next one is whole',
  async (at) => {
    expect(await install(at)).toBe('SIGKILL');
    expect(readdirSync(libraries)).toEqual([]);
    expect(await install()).toBe(0);
    expect(installed()).toEqual(WHOLE);
    expect(entries().sort()).toEqual(['nvidia-cu12', 'tensorflow']);
  },
);
