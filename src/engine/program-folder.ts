/**
 * Where XLA keeps compiled programs between processes, so that a second start of the same program takes a third of the
 * time. They are machine code: one folder per library, processor and driver, in the engine cache.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { access, constants, mkdir, readdir, rm, stat, statfs } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { assertTrusted } from './cache.js';
import { type GpuSettings, gpuEnvironment } from './gpu-environment.js';
import { surveyGpus } from './gpus.js';
import type { InstalledEngine } from './install.js';
import { LIBRARY_PINS } from './pins.js';

/** Programs beyond these are removed, the oldest first; each is 0.1 to 5 MB. */
const KEPT_PROGRAMS = 200;
/** XLA fails when it can't write a program; below this it is not asked to. */
const NEEDED_FREE_BYTES = 256 * 1024 * 1024;

/** The folder, made and tidied; undefined where programs can't be kept (a read-only cache, a full disk). */
export async function openProgramFolder(
  cacheDir: string,
  installed: InstalledEngine,
  gpu: GpuSettings | undefined,
): Promise<string | undefined> {
  const folder = join(cacheDir, 'programs', machineKey(installed, gpu));
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK);
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize < NEEDED_FREE_BYTES) return undefined;
  } catch {
    return undefined;
  }
  await assertTrusted(folder);
  await removeOldest(folder);
  return folder;
}

/** Empties the folder: its content can always be made anew. @returns whether there was any */
export async function emptyProgramFolder(folder: string): Promise<boolean> {
  const names = await readdir(folder);
  for (const name of names) await rm(join(folder, name), { force: true });
  return names.length > 0;
}

async function removeOldest(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= KEPT_PROGRAMS) return;
  const times = await Promise.all(
    names.map(async (name) => ({
      name,
      time: (await stat(join(folder, name)).catch(() => undefined))?.mtimeMs ?? 0,
    })),
  );
  times.sort((a, b) => b.time - a.time);
  for (const { name } of times.slice(KEPT_PROGRAMS)) await rm(join(folder, name), { force: true });
}

/** Library, processor with its features, the user's XLA flags; GPU driver and the GPUs: what code depends on. */
function machineKey(installed: InstalledEngine, gpu: GpuSettings | undefined): string {
  const features = /^flags\s*:.*$/m.exec(readText('/proc/cpuinfo'))?.[0] ?? '';
  const parts = [LIBRARY_PINS[installed.name].wheelSha256, process.arch, cpus()[0]?.model ?? '', features];
  if (gpu === undefined) {
    parts.push(process.env.XLA_FLAGS ?? '');
  } else {
    const { XLA_FLAGS, NVIDIA_TF32_OVERRIDE, CUDA_VISIBLE_DEVICES } = gpuEnvironment(gpu, process.env);
    parts.push(readText('/proc/driver/nvidia/version'), ...gpuModels());
    parts.push(`${XLA_FLAGS}`, `${NVIDIA_TF32_OVERRIDE}`, `${CUDA_VISIBLE_DEVICES}`);
  }
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 24);
}

/** The model of each GPU, as the driver tells it; where it has no such files (WSL2), its tool's word with the driver. */
function gpuModels(): string[] {
  const folder = '/proc/driver/nvidia/gpus';
  if (!existsSync(folder)) {
    const survey = surveyGpus();
    return 'gpus' in survey ? survey.gpus.map(({ name, driver }) => `${name}, ${driver}`) : [];
  }
  return readdirSync(folder)
    .sort()
    .map((name) => /^Model:.*$/m.exec(readText(join(folder, name, 'information')))?.[0] ?? name);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
