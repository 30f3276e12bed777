import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const DIST = path.join(PROJECT, 'dist');
const STAMP = path.join(PROJECT, '.whisker', 'test-build');
const LOCK = `${STAMP}.lock`;

/** Compiles `src` to `dist` unless that is newer; tests of child processes start from there. One builder at a time. */
export function buildDist(): string {
  mkdirSync(path.dirname(STAMP), { recursive: true });
  while (isStale()) {
    try {
      mkdirSync(LOCK);
    } catch {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
      if (existsSync(LOCK) && Date.now() - statSync(LOCK).mtimeMs > 60_000) rmdirSync(LOCK);
      continue;
    }
    try {
      const began = new Date();
      spawnSync('npm', ['run', '--silent', 'build'], { cwd: PROJECT });
      writeFileSync(STAMP, '');
      utimesSync(STAMP, began, began);
    } finally {
      rmdirSync(LOCK);
    }
  }
  return DIST;
}

function isStale(): boolean {
  if (!existsSync(STAMP) || !existsSync(path.join(DIST, 'main.js'))) return true;
  const built = statSync(STAMP).mtimeMs;
  const sources = readdirSync(path.join(PROJECT, 'src'), { recursive: true, encoding: 'utf8' });
  return sources.some((name) => statSync(path.join(PROJECT, 'src', name)).mtimeMs > built);
}

/** A compiled module, e.g. `data/windows/batch-workers.js`: threads start from those. */
export function importBuilt<Module>(name: string): Promise<Module> {
  return import(pathToFileURL(path.join(buildDist(), name)).href);
}

export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command and waits for it. */
export function runWhisker(
  args: readonly string[],
  options: { readonly cwd?: string; readonly environment?: Readonly<Record<string, string>> } = {},
): CommandResult {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(buildDist(), 'main.js'), ...args],
    {
      cwd: options.cwd ?? PROJECT,
      // As npx calls it, so that advice says `npx whisker` wherever the checkout lies.
      env: { PATH: process.env.PATH ?? '', npm_command: 'exec', ...options.environment },
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr };
}
