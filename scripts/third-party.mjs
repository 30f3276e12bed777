#!/usr/bin/env node
/**
 * Writes THIRD_PARTY.md: every npm package that an installed Whisker holds, with version and licence, and what its engines
 * fetch.   node scripts/third-party.mjs [--check]   (--check: ends with 1 where the file is not current)
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PROJECT = new URL('..', import.meta.url);
const FILE = new URL('THIRD_PARTY.md', PROJECT);

const { packages } = JSON.parse(readFileSync(new URL('package-lock.json', PROJECT), 'utf8'));
const rows = Object.entries(packages)
  .filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
  .map(([path, { version, license = licenceFileOf(path) }]) => [
    path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
    version,
    license,
  ])
  .sort(([a], [b]) => (a < b ? -1 : 1));
const lines = [...new Set(rows.map(([name, version, licence]) => `| ${name} | ${version} | ${licence} |`))];

/** Old packages leave the field out of the lock file. */
function licenceFileOf(path) {
  const { license, licenses } = JSON.parse(readFileSync(new URL(`${path}/package.json`, PROJECT), 'utf8'));
  return license?.type ?? license ?? licenses?.map(({ type }) => type).join(' OR ') ?? 'see its files';
}

const text = `# Third-party software

Whisker itself is under the Apache License 2.0 (LICENSE). Made by \`scripts/third-party.mjs\` from the lock file.

## Fetched by \`whisker engine install\`, into the user's cache folder

| what | version | licence |
|---|---|---|
| libtensorflow_cc, libtensorflow_framework and C headers, from the wheels tensorflow-cpu or tensorflow | 2.21.0 | Apache-2.0 |
| NVIDIA's CUDA and cuDNN libraries, where they are asked for | CUDA 12.9, cuDNN 9.28 | NVIDIA's licence; shown before they are fetched |

## npm packages

| package | version | licence |
|---|---|---|
${lines.join('\n')}
`;
if (process.argv.includes('--check')) {
  if (readFileSync(FILE, 'utf8') === text) process.exit(0);
  console.error(`${fileURLToPath(FILE)} is not current: run scripts/third-party.mjs`);
  process.exit(1);
}
writeFileSync(FILE, text);
