import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const read = (name: string) => readFileSync(path.join(PROJECT, name), 'utf8');
const { dependencies, devDependencies, optionalDependencies, scripts } = JSON.parse(read('package.json'));
const INSTALLED = Object.keys({ ...dependencies, ...optionalDependencies });

function sources(...folders: readonly string[]): string {
  return folders
    .flatMap((folder) =>
      readdirSync(path.join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(tsx?|mjs)$/.test(name))
        .map((name) => read(path.join(folder, name))),
    )
    .join('\n');
}

/** Packages that code names: by an import, or as the text that it resolves or imports later. */
function packagesIn(code: string): ReadonlySet<string> {
  const imported = code.matchAll(/(?:from|import)\s*\(?\s*'((?:@[\w.-]+\/)?[a-z][\w.-]*)(?:\/[^']*)?'/g);
  const resolved = [...INSTALLED, ...Object.keys(devDependencies)].filter(
    (name) => code.includes(`'${name}'`) || code.includes(`'${name}/`),
  );
  return new Set([...[...imported].map(([, name]) => name), ...resolved]);
}

test('every package that is installed is used, and every one that is used is installed', () => {
  const used = packagesIn(sources('src'));
  expect(INSTALLED.filter((name) => !used.has(name))).toEqual([]);
  const declared = new Set([...INSTALLED, 'whisker']);
  expect([...used].filter((name) => !declared.has(name))).toEqual([]);
});

test('every package has its reason in src/README.md, and no reason outlives its package', () => {
  const table = read('src/README.md').split('## Dependencies and their reasons')[1].split('\n## ')[0];
  const reasoned = [...table.matchAll(/^\| (`.+?) \|/gm)].flatMap(([, cell]) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );
  const types = /^@types\//;
  const wanted = [...INSTALLED, ...Object.keys(devDependencies).filter((name) => !types.test(name))];
  expect(reasoned.toSorted()).toEqual(wanted.toSorted());
});

test('every package for development is used by a script, a test or a setting', () => {
  const code = sources('src', 'test', 'scripts');
  const used = packagesIn(code);
  const called = `${Object.values(scripts).join('\n')}\n${readdirSync(path.join(PROJECT, 'scripts'), {
    withFileTypes: true,
  })
    .filter((entry) => entry.isFile())
    .map(({ name }) => read(path.join('scripts', name)))
    .join('\n')}`;
  const commands: Readonly<Record<string, string>> = { '@biomejs/biome': 'biome', typescript: 'tsc' };
  const unused = Object.keys(devDependencies).filter((name) => {
    if (name.startsWith('@types/')) {
      const typed = name.slice('@types/'.length);
      return typed !== 'node' && !used.has(typed);
    }
    return !used.has(name) && !new RegExp(`\\b${commands[name] ?? name} `).test(called);
  });
  expect(unused).toEqual([]);
});
