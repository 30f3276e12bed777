/** NVIDIA's libraries in the engine cache: one entry, which the CUDA engine reaches by a link beside its own libraries. */
import { createHash, randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { buildEntry } from './cache.js';
import type { InstallProgress } from './install.js';
import { licenceOf, NVIDIA_PINS, type NvidiaPin } from './nvidia-pins.js';
import { checkWheel, downloadWheel, unpackMembers } from './wheel.js';

/** TensorFlow's libraries look for NVIDIA's in `../nvidia/NAME/lib`. */
export const NVIDIA_LINK = 'nvidia';

export interface NvidiaInstall {
  /** A folder that holds the pinned wheels; undefined: they are downloaded, one after the other. */
  readonly wheels: string | undefined;
  readonly pins?: readonly NvidiaPin[];
  readonly onProgress: (progress: InstallProgress) => void;
}

export function nvidiaFolderOf(cacheDir: string, pins: readonly NvidiaPin[] = NVIDIA_PINS): string {
  const hash = createHash('sha256');
  for (const { wheelSha256, members } of pins) hash.update([wheelSha256, ...members].join('\n'));
  return join(cacheDir, 'libraries', `nvidia-cu12-${hash.digest('hex').slice(0, 16)}`);
}

/**
 * Puts NVIDIA's libraries into the cache and links them into the folder of TensorFlow's; what is there is kept.
 * @throws UserError when a download fails, a hash differs or the disk is full: nothing is left then
 */
export async function installNvidia(
  cacheDir: string,
  libraryFolder: string,
  install: NvidiaInstall,
): Promise<void> {
  const { pins = NVIDIA_PINS, onProgress } = install;
  const place = nvidiaFolderOf(cacheDir, pins);
  await buildEntry(
    place,
    async (folder) => {
      for (const pin of pins) await addWheel(pin, folder, install);
    },
    () => onProgress({ phase: 'wait', text: 'another install is at work; waiting for it' }),
  );
  await linkTo(relative(libraryFolder, place), join(libraryFolder, NVIDIA_LINK));
}

/** Makes or moves the link in one go, and only where it must; a folder in its place is somebody's own and stays. */
async function linkTo(target: string, link: string): Promise<void> {
  const found = await lstat(link).catch(() => undefined);
  if (found !== undefined && !found.isSymbolicLink()) return;
  if (found !== undefined && (await readlink(link)) === target) return;
  const beside = `${link}.${randomBytes(6).toString('hex')}`;
  await symlink(target, beside);
  await rename(beside, link);
}

async function addWheel(
  pin: NvidiaPin,
  folder: string,
  { wheels, onProgress }: NvidiaInstall,
): Promise<void> {
  const { distribution, version, wheelBytes } = pin;
  const downloads = join(folder, 'download');
  await mkdir(downloads);
  if (wheels === undefined) {
    onProgress({ phase: 'download', text: `downloading ${distribution} ${version}`, totalBytes: wheelBytes });
  }
  const wheel =
    wheels === undefined
      ? await downloadWheel(pin, downloads, 'its folder with --nvidia-wheels')
      : join(wheels, pin.wheelFile);
  onProgress({ phase: 'unpack', text: `unpacking ${distribution} ${version}` });
  await checkWheel(wheel, pin);
  const place = join(folder, pin.folder);
  const wanted = new Map([[licenceOf(pin), join(place, 'License.txt')]]);
  for (const member of pin.members) wanted.set(`nvidia/${pin.folder}/${member}`, join(place, member));
  await unpackMembers(wheel, wanted, () => {});
  for (const member of pin.members) if (member.startsWith('bin/')) await chmod(join(place, member), 0o755);
  await rm(downloads, { recursive: true });
}
