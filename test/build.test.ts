import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const REMOVE = fileURLToPath(new URL('../scripts/remove-stale.mjs', import.meta.url));

test('what was compiled of a deleted source is removed before the next build, and nothing else', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'build-'));
  const write = (...names: string[]) => {
    for (const name of names) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), '');
    }
  };
  const compiled = () =>
    readdirSync(path.join(folder, 'dist'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.includes('.'),
    );
  write('src/main.ts', 'src/ui/screen.tsx', 'src/report/page/page.css');
  write('dist/main.js', 'dist/main.d.ts', 'dist/ui/screen.js', 'dist/ui/screen.js.map');
  write('dist/report/page/page.js', 'dist/report/page/page.css');
  const kept = compiled().toSorted();
  write('dist/gone.js', 'dist/gone.js.map', 'dist/ui/gone.d.ts');
  execFileSync(process.execPath, [REMOVE], { cwd: folder });
  expect(compiled().toSorted()).toEqual(kept);
});
