import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const SESSION = new URL('../../dist/engine/session.js', import.meta.url);

it.skipIf(!existsSync(SESSION) || process.platform !== 'linux')(
  'a program is loaded with standard error as it is where that is a file: other threads open files by then',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'quiet-'));
    const path = join(folder, 'stderr');
    const file = openSync(path, 'w');
    const script = `
      import { readlinkSync } from 'node:fs';
      import { Session } from ${JSON.stringify(SESSION.href)};
      const loadSavedModel = () => console.log(readlinkSync('/proc/self/fd/2'));
      new Session({ loadSavedModel }, new Uint8Array(1), false);
    `;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', file],
      encoding: 'utf8',
    });
    closeSync(file);
    rmSync(folder, { recursive: true });
    expect(stdout).toBe(`${path}\n`);
  },
);
