/**
 * Compiles the native addon of @tensorflow/tfjs-node-gpu against the cached libraries. The package's own installer
 * is not used: it fetches an old library from a host that many sites block. One source serves CPU and CUDA.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import type { LibraryPin } from './pins.js';
import { runTool } from './run-tool.js';

const COMPILER_FLAGS = ['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8', '-w'];
const require = createRequire(import.meta.url);

export const ADDON_FILE = 'tfjs_binding.node';

/** The package folder of @tensorflow/tfjs-node-gpu. */
export function tfjsNodeFolder(): string {
  return dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
}

/** The addon is good for one source, one library, one architecture and one C library. */
export async function addonKey(pin: LibraryPin): Promise<string> {
  const hash = createHash('sha256');
  for (const path of await addonSources()) hash.update(await readFile(path));
  hash.update([pin.wheelSha256, process.arch, libcVersion(), ...COMPILER_FLAGS].join('\n'));
  return hash.digest('hex').slice(0, 24);
}

/** Compiles the addon into `folder`; it finds its libraries by their place relative to `finalFolder`. */
export async function compileAddon(
  libraryFolder: string,
  folder: string,
  finalFolder: string,
): Promise<void> {
  const sources = (await addonSources()).filter((path) => path.endsWith('.cc'));
  const rpath = `$ORIGIN/${relative(finalFolder, join(libraryFolder, 'lib'))}`;
  await runTool('g++', [
    ...COMPILER_FLAGS,
    ...[
      `-I${nodeHeadersFolder()}`,
      `-I${join(libraryFolder, 'include')}`,
      `-I${join(tfjsNodeFolder(), 'binding')}`,
    ],
    ...sources,
    ...['-o', join(folder, ADDON_FILE), `-L${join(libraryFolder, 'lib')}`],
    ...['-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2', `-Wl,-rpath,${rpath}`],
  ]);
}

async function addonSources(): Promise<string[]> {
  const folder = join(tfjsNodeFolder(), 'binding');
  return (await readdir(folder)).sort().map((name) => join(folder, name));
}

function nodeHeadersFolder(): string {
  const headers = require('node-api-headers') as { include_dir: string };
  if (!existsSync(headers.include_dir)) throw new Error(`node-api-headers has no ${headers.include_dir}`);
  return headers.include_dir;
}

function libcVersion(): string {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  return `glibc ${report?.header?.glibcVersionRuntime ?? 'none'}`;
}
