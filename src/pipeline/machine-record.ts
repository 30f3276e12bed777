import { readFileSync } from 'node:fs';
import { arch, cpus, platform, release } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type GitState, readGitState } from './git-state.js';

/** Program and machine of a run, for people and reports; nothing here decides whether a run can be resumed. */
export interface MachineRecord {
  readonly whisker: string;
  readonly node: string;
  /** Installed versions of the packages that Whisker names as its dependencies. */
  readonly packages: Readonly<Record<string, string>>;
  readonly platform: string;
  readonly processor: string;
  /** Of the folder in which the command ran: settings, and perhaps the code. */
  readonly git: GitState | null;
}

export function describeMachine(): MachineRecord {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const { version, dependencies } = readManifest(root);
  const installed = Object.keys(dependencies ?? {}).map((name) => [name, installedVersion(root, name)]);
  return {
    whisker: version,
    node: process.version,
    packages: Object.fromEntries(installed),
    platform: `${platform()} ${release()} ${arch()}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    git: readGitState('.'),
  };
}

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** Packages lie in `node_modules` of this package's folder or of one above it. */
function installedVersion(folder: string, name: string): string {
  try {
    return readManifest(join(folder, 'node_modules', name)).version;
  } catch {
    const above = dirname(folder);
    return above === folder ? 'not installed' : installedVersion(above, name);
  }
}
