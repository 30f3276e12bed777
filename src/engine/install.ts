/** `engine install`, `engine list`, `engine clear`: what lies in the engine cache and how it gets there. */
import { lstat, mkdir, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import { ADDON_FILE, addonKey, compileAddon } from './addon.js';
import { assertTrusted, buildEntry, engineFolder, exists } from './cache.js';
import { installNvidia, NVIDIA_LINK, nvidiaFolderOf } from './nvidia.js';
import { NVIDIA_NEEDED_BYTES } from './nvidia-pins.js';
import { LIBRARY_PINS, type LibraryPin, type NativeEngineName } from './pins.js';
import { checkWheel, downloadWheel, unpackWheel } from './wheel.js';

export type InstallPhase = 'wait' | 'download' | 'check' | 'unpack' | 'compile' | 'done';

/** What an install is doing; bytes where they are known. */
export interface InstallProgress {
  readonly phase: InstallPhase;
  readonly text: string;
  readonly doneBytes?: number;
  readonly totalBytes?: number;
}

export interface InstallOptions {
  /** The pinned wheel as a file, for machines without a package index. */
  readonly wheel?: string;
  /**
   * Of the CUDA engine: whether NVIDIA's libraries come from its own wheels, or are those of this machine. Default: false.
   */
  readonly withNvidia?: boolean;
  /** A folder that holds those wheels, for machines without a package index. */
  readonly nvidiaWheels?: string;
  /** Default: `engineFolder()`. */
  readonly cacheDir?: string;
  readonly onProgress?: (progress: InstallProgress) => void;
}

/** An engine that lies in the cache. */
export interface InstalledEngine {
  readonly name: NativeEngineName;
  readonly version: string;
  readonly libraryFolder: string;
  /** Whether NVIDIA's libraries lie beside them. */
  readonly hasNvidia: boolean;
  /** The addon that loads these libraries; undefined when it must be compiled (anew) first. */
  readonly addon: string | undefined;
  readonly sizeBytes: number;
}

/**
 * Installs an engine into the cache: libraries by wheel hash, addon by source hash, library, architecture and libc.
 * What is there already is kept. Nothing is written anywhere else.
 * @throws UserError when a tool is missing, the download fails, a hash differs, the disk is full, or this
 *   platform has no pinned library
 */
export async function installEngine(
  name: NativeEngineName,
  options: InstallOptions = {},
): Promise<InstalledEngine> {
  assertPlatform();
  const pin = LIBRARY_PINS[name];
  const cacheDir = options.cacheDir ?? engineFolder();
  const report = options.onProgress ?? (() => {});
  await makeCacheFolder(cacheDir);

  const libraryFolder = libraryFolderOf(cacheDir, pin);
  await buildEntry(
    libraryFolder,
    (folder) => fillLibraryFolder(folder, pin, options.wheel, report),
    () => report({ phase: 'wait', text: 'another install is at work; waiting for it' }),
  );
  if (options.withNvidia === true) {
    if (!(await exists(nvidiaFolderOf(cacheDir)))) {
      await assertFreeSpace(libraryFolder, "NVIDIA's libraries", NVIDIA_NEEDED_BYTES);
    }
    await installNvidia(cacheDir, libraryFolder, { wheels: options.nvidiaWheels, onProgress: report });
  }
  const addonFolder = join(cacheDir, 'addons', await addonKey(pin));
  await buildEntry(addonFolder, async (folder) => {
    report({ phase: 'compile', text: 'compiling the addon' });
    await compileAddon(libraryFolder, folder, addonFolder);
  });
  report({ phase: 'done', text: `${pin.distribution} ${pin.version} is installed in ${cacheDir}` });
  const installed = await findEngine(name, cacheDir);
  if (installed === undefined) throw new Error(`${libraryFolder} vanished while it was installed`);
  return installed;
}

/** The engine `name` in the cache, if its libraries are there. @throws UserError when the cache is not trusted */
export async function findEngine(
  name: NativeEngineName,
  cacheDir: string = engineFolder(),
): Promise<InstalledEngine | undefined> {
  const pin = LIBRARY_PINS[name];
  const libraryFolder = libraryFolderOf(cacheDir, pin);
  if (!(await exists(libraryFolder))) return undefined;
  const addonFolder = join(cacheDir, 'addons', await addonKey(pin));
  const addon = join(addonFolder, ADDON_FILE);
  const hasAddon = await exists(addon);
  const nvidia = join(libraryFolder, NVIDIA_LINK);
  const hasNvidia = await exists(nvidia);
  for (const folder of [
    cacheDir,
    libraryFolder,
    join(libraryFolder, 'lib'),
    ...(hasNvidia ? [nvidia] : []),
    ...(hasAddon ? [addonFolder] : []),
  ]) {
    await assertTrusted(folder);
  }
  return {
    name,
    version: pin.version,
    libraryFolder,
    hasNvidia,
    addon: hasAddon ? addon : undefined,
    sizeBytes: (await folderBytes(libraryFolder)) + (hasNvidia ? await folderBytes(nvidia) : 0),
  };
}

/** Every installed engine. */
export async function listEngines(cacheDir: string = engineFolder()): Promise<InstalledEngine[]> {
  const found = await Promise.all((['cpu', 'cuda'] as const).map((name) => findEngine(name, cacheDir)));
  return found.filter((engine) => engine !== undefined);
}

/** Removes everything that installs and compiled programs have left in the cache. @returns the bytes freed */
export async function clearEngines(cacheDir: string = engineFolder()): Promise<number> {
  if (!(await exists(cacheDir))) return 0;
  await assertTrusted(cacheDir);
  const freed = await folderBytes(cacheDir);
  for (const name of ['libraries', 'addons', 'programs']) {
    await rm(join(cacheDir, name), { recursive: true, force: true });
  }
  return freed - (await folderBytes(cacheDir));
}

async function fillLibraryFolder(
  folder: string,
  pin: LibraryPin,
  givenWheel: string | undefined,
  report: (progress: InstallProgress) => void,
): Promise<void> {
  await assertFreeSpace(folder, pin.distribution, pin.neededBytes);
  const downloads = join(folder, 'download');
  await mkdir(downloads);
  if (givenWheel === undefined) {
    report({ phase: 'download', text: `downloading ${pin.wheelFile}`, totalBytes: pin.wheelBytes });
  }
  const wheel = givenWheel ?? (await downloadWheel(pin, downloads, 'it with --wheel'));
  report({ phase: 'check', text: `checking ${pin.wheelFile}` });
  await checkWheel(wheel, pin);
  await unpackWheel(wheel, pin, folder, (doneBytes) =>
    report({ phase: 'unpack', text: 'unpacking the libraries', doneBytes }),
  );
  await rm(downloads, { recursive: true });
  const { distribution, version, wheelSha256 } = pin;
  await writeFile(
    join(folder, 'manifest.json'),
    `${JSON.stringify({ distribution, version, wheelSha256 }, null, 2)}\n`,
  );
}

function libraryFolderOf(cacheDir: string, pin: LibraryPin): string {
  return join(cacheDir, 'libraries', `${pin.distribution}-${pin.version}-${pin.wheelSha256.slice(0, 16)}`);
}

async function makeCacheFolder(cacheDir: string): Promise<void> {
  try {
    await mkdir(cacheDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new UserError('device', `The engine cache ${cacheDir} can't be made: ${(error as Error).message}`, {
      hint: 'Set WHISKER_ENGINE_DIR to a folder that you may write to',
      cause: error,
    });
  }
  await assertTrusted(cacheDir);
}

async function assertFreeSpace(folder: string, what: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < neededBytes) {
    const mebibytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`;
    throw new UserError(
      'device',
      `Installing ${what} needs ${mebibytes(neededBytes)} free in the engine cache, got ${mebibytes(bavail * bsize)}`,
      { hint: 'Free some space, or set WHISKER_ENGINE_DIR to a folder on another disk' },
    );
  }
}

function assertPlatform(): void {
  if (process.platform === 'linux' && process.arch === 'x64') return;
  throw new UserError(
    'device',
    `The native engine is pinned for Linux on x86-64, got ${process.platform} on ${process.arch}`,
    { hint: 'Use the portable engine: device=portable' },
  );
}

/** Of the files in a folder; what links lead to is not in it. */
async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await lstat(join(parentPath, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
