import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadAnyKind } from '../src/config/kinds.js';
import { PROJECT, parseCall, splitWords } from './commands/parse-call.js';
import { BLOCKS, COMMANDS, README, TAGS } from './readme-blocks.js';

test('every block of commands says where it runs', () => {
  expect(BLOCKS.length).toBeGreaterThan(8);
  const untagged = BLOCKS.filter(({ language, tag }) => language === 'sh' && !TAGS.includes(tag));
  expect(untagged).toEqual([]);
  for (const tag of TAGS) expect(BLOCKS.some((block) => block.tag === tag)).toBe(true);
});

test('links and pictures lead to files', () => {
  const links = [...README.matchAll(/\]\(([^)#]+)\)/g)].map(([, link]) => link);
  expect(links.filter((link) => !link.includes('://') && !existsSync(path.join(PROJECT, link)))).toEqual([]);
  expect(links.filter((link) => link.startsWith('.pictures/')).length).toBeGreaterThan(0);
});

test('named scripts and settings files are there', () => {
  const named = [...README.matchAll(/(?<![\w/.-])((?:scripts|configs)\/[\w./*-]*\w)/g)].map(
    ([, name]) => name,
  );
  const files = named.filter((name) => !name.includes('*'));
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((name) => !existsSync(path.join(PROJECT, name)))).toEqual([]);
});

describe.each(COMMANDS)('$tag: $line', ({ line }) => {
  test('is a call that can be read, of settings that are good', async () => {
    const all = splitWords(line);
    const isVariable = (word: string) => /^[A-Z_]+=/.test(word);
    const environment = Object.fromEntries(all.filter(isVariable).map((word) => word.split('=')));
    const [program, ...words] = all.filter((word) => !isVariable(word));
    if (program.startsWith('scripts/')) {
      expect(statSync(path.join(PROJECT, program)).mode & 0o111).not.toBe(0);
      return;
    }
    expect([program, words[0]]).toEqual(['npx', 'whisker']);
    const { values } = await parseCall(words.slice(1));
    const config = String(values.config ?? '');
    // Others are made by the commands before.
    if (!config.startsWith('configs/')) return;
    const source = {
      file: path.join(PROJECT, config),
      overrides: (values.settings ?? []) as readonly string[],
      environment,
    };
    expect(() => loadAnyKind(source)).not.toThrow();
  });
});
