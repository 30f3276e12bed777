import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const TEXT = readFileSync(path.join(PROJECT, 'src/README.md'), 'utf8');
const QUOTED = [...TEXT.matchAll(/`([^`\n]+)`/g)].map(([, words]) => words);
const SOURCES = readdirSync(path.join(PROJECT, 'src'), { recursive: true, encoding: 'utf8' });
const CODE = SOURCES.filter((name) => /\.tsx?$/.test(name))
  .map((name) => readFileSync(path.join(PROJECT, 'src', name), 'utf8'))
  .join('\n');

test('files that src/README.md names are there, by their whole path or the end of it', () => {
  const named = QUOTED.filter((words) => /^[\w./-]+\.(tsx?|py)$/.test(words) && !words.includes('NAME'));
  expect(named.length).toBeGreaterThan(25);
  const isThere = (name: string) =>
    existsSync(path.join(PROJECT, name)) || SOURCES.some((source) => `/${source}`.endsWith(`/${name}`));
  expect(named.filter((name) => !isThere(name))).toEqual([]);
});

test('types, functions and lists that it names are declared', () => {
  const named = QUOTED.filter((words) => /^([A-Z]\w+|[a-z]+[A-Z]\w+)$/.test(words) && words !== 'NAME');
  expect(named.length).toBeGreaterThan(15);
  const isDeclared = (name: string) =>
    new RegExp(`(function|interface|class|type|const) ${name}\\b`).test(CODE) ||
    // of the contract suite
    name === 'describeOps';
  expect(named.filter((name) => !isDeclared(name))).toEqual([]);
});

test('rooms that it lists are the folders and files of src/', () => {
  const table = TEXT.split('## Rooms')[1].split('\n##')[0];
  const listed = [...table.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, cell]) =>
    [...cell.matchAll(/`([\w-]+(?:\/|\.ts))`/g)].map(([, name]) => name),
  );
  const below = /^`random\.ts`.*$/m.exec(table)?.[0].match(/[\w-]+\.ts/g) ?? [];
  const there = readdirSync(path.join(PROJECT, 'src'), { withFileTypes: true }).map((entry) =>
    entry.isDirectory() ? `${entry.name}/` : entry.name,
  );
  expect([...listed, ...below].toSorted()).toEqual(there.filter((name) => name !== 'README.md').toSorted());
});
