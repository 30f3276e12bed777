/** Takes TensorFlow's wheel from the Python package index (or from a file) and unpacks what the engine needs of it. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';
import { UserError } from '../errors.js';
import { HEADERS, type LibraryFile, type LibraryPin, WHEEL_PLATFORM, type WheelPin } from './pins.js';
import { runTool } from './run-tool.js';

/**
 * Downloads the pinned wheel into `folder` through pip, which honours the user's index, proxy and certificates
 * and checks the hash.
 * @param giveIt how one that was fetched elsewhere is given, for the hint
 * @returns the wheel's path
 * @throws UserError when python3 or pip is missing, or the download fails
 */
export async function downloadWheel(pin: WheelPin, folder: string, giveIt: string): Promise<string> {
  const requirements = join(folder, 'requirements.txt');
  await writeFile(requirements, `${pin.distribution}==${pin.version} --hash=sha256:${pin.wheelSha256}\n`);
  const parameters = [
    ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-input'],
    ...['--no-deps', '--only-binary=:all:', '--require-hashes', '--requirement', requirements],
    ...['--python-version', WHEEL_PLATFORM.pythonVersion, '--implementation', 'cp'],
    ...['--abi', WHEEL_PLATFORM.abi, '--dest', folder],
    ...WHEEL_PLATFORM.platforms.flatMap((platform) => ['--platform', platform]),
  ];
  await runTool(
    'python3',
    parameters,
    `Where no package index can be reached: fetch ${pin.wheelFile} elsewhere (\`python3 -m pip download --no-deps ${pin.distribution}==${pin.version}\`) and give ${giveIt}.`,
  );
  return join(folder, pin.wheelFile);
}

/**
 * Checks that a wheel file is the pinned one.
 * @throws UserError naming both hashes
 */
export async function checkWheel(path: string, pin: WheelPin): Promise<void> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    throw new UserError('device', `The wheel ${path} can't be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const found = hash.digest('hex');
  if (found !== pin.wheelSha256) {
    throw new UserError(
      'device',
      `${path} is not ${pin.wheelFile}: its sha256 must be ${pin.wheelSha256}, got ${found}`,
      {
        hint: `Fetch it again: python3 -m pip download --no-deps ${pin.distribution}==${pin.version} (CPython 3.11, manylinux x86_64)`,
      },
    );
  }
}

/**
 * Unpacks the two libraries (to `folder/lib`) and the headers (to `folder/include`), and nothing else.
 * @param onBytes called with the number of bytes written so far
 * @throws UserError when a member is missing or a library's hash differs from the pin
 */
export async function unpackWheel(
  path: string,
  pin: LibraryPin,
  folder: string,
  onBytes: (doneBytes: number) => void,
): Promise<void> {
  const wanted = new Map<string, string>(
    HEADERS.map((name) => [`tensorflow/include/${name}`, join(folder, 'include', name)]),
  );
  const libraries = Object.keys(pin.librarySha256) as LibraryFile[];
  for (const name of libraries) wanted.set(`tensorflow/${name}`, join(folder, 'lib', name));

  const hashes = await unpackMembers(path, wanted, onBytes);
  for (const name of libraries) {
    const found = hashes.get(`tensorflow/${name}`);
    if (found !== pin.librarySha256[name]) {
      throw new UserError(
        'device',
        `${name} of ${path}: its sha256 must be ${pin.librarySha256[name]}, got ${found}`,
      );
    }
    await chmod(join(folder, 'lib', name), 0o755);
  }
}

/**
 * Unpacks members of a zip archive, each to its own place, and nothing else.
 * @param wanted member -> file
 * @param onBytes called with the number of bytes written so far
 * @returns the sha256 of each member
 * @throws UserError when a member is missing
 */
export async function unpackMembers(
  path: string,
  wanted: ReadonlyMap<string, string>,
  onBytes: (doneBytes: number) => void,
): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  let doneBytes = 0;
  const zip = await yauzl.openPromise(path);
  try {
    for await (const entry of zip.eachEntry()) {
      const target = wanted.get(entry.fileName);
      if (target === undefined) continue;
      await mkdir(dirname(target), { recursive: true, mode: 0o755 });
      const hash = createHash('sha256');
      const count = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          hash.update(chunk);
          doneBytes += chunk.length;
          onBytes(doneBytes);
          done(null, chunk);
        },
      });
      await pipeline(
        await zip.openReadStreamPromise(entry),
        count,
        createWriteStream(target, { mode: 0o644 }),
      );
      hashes.set(entry.fileName, hash.digest('hex'));
    }
  } finally {
    zip.close();
  }
  const missing = [...wanted.keys()].filter((name) => !hashes.has(name));
  if (missing.length > 0) throw new UserError('device', `${path} does not contain ${missing.join(', ')}`);
  return hashes;
}
