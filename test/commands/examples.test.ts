import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/commands/command.js';
import { loadAnyKind } from '../../src/config/kinds.js';
import { type ListedCommand, listedCommands, PROJECT, parseCall } from './parse-call.js';

/** Settings, what `scripts/quickstart` imports, and the runs that settings of the checkout leave. */
const READABLE: readonly unknown[] = [
  'checkpoints/quickstart-data/store',
  'checkpoints/quickstart-data/json/calms21_task1_train.json',
  ...readdirSync(path.join(PROJECT, 'configs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) => [`configs/${name}`, `checkpoints/${nameIn(name)}`]),
];
/** What has to be there is a file or a folder, but for these. */
const NO_PATHS = ['name', 'index'];

function nameIn(config: string): string {
  const text = readFileSync(path.join(PROJECT, 'configs', config), 'utf8');
  return /^name: (\S+)$/m.exec(text)?.[1] ?? '';
}

async function readExample({ file }: ListedCommand): Promise<readonly string[]> {
  const { default: command } = await import(`../../src/commands/${file}.ts`);
  const [line] = (command as Command).example.split(' > ');
  return (line.match(/"[^"]*"|\S+/g) ?? []).flatMap((word) =>
    word.startsWith('"') ? [word.slice(1, -1)] : expandStar(word),
  );
}

/** As a shell does it, for one star in a file's name. */
function expandStar(word: string): string[] {
  if (!word.includes('*')) return [word];
  const [begin, end] = path.basename(word).split('*');
  const folder = path.dirname(word);
  const names = readdirSync(path.join(PROJECT, folder));
  return names
    .filter((name) => name.startsWith(begin) && name.endsWith(end))
    .map((name) => path.join(folder, name));
}

test('every command that has an example is in the list', () => {
  const folder = path.join(PROJECT, 'src', 'commands');
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  const withExample = files.filter((name) =>
    readFileSync(path.join(folder, name), 'utf8').includes('example: ['),
  );
  const listed = listedCommands().map(({ file }) => `${file}.ts`);
  expect(listed.sort()).toEqual(withExample.sort());
});

test('every command says what to try next', () => {
  const folder = path.join(PROJECT, 'src', 'commands');
  const read = (name: string) => readFileSync(path.join(folder, name), 'utf8');
  const silent = listedCommands().filter(({ file }) => {
    const own = read(`${file}.ts`);
    // Some leave it to a file that several share.
    const beside = [...own.matchAll(/from '\.\/([\w-]+)\.js'/g)].map(([, name]) => read(`${name}.ts`));
    return ![own, ...beside].some((text) => /output\.next\(/.test(text));
  });
  expect(silent).toEqual([]);
});

describe.each(listedCommands())('the example of $usage', (listed) => {
  test('is a call of it, on what a quickstart leaves, with settings that are good', async () => {
    const [program, ...words] = await readExample(listed);
    expect(program).toBe('$0');
    const { file, values } = await parseCall(words);
    expect(file).toBe(listed.file);
    expect(values).not.toEqual({});
    const required = [...listed.usage.matchAll(/<(\w+)/g)].map(([, name]) => name);
    const inputs = required.filter((name) => !NO_PATHS.includes(name)).flatMap((name) => values[name] ?? []);
    for (const input of inputs) expect(READABLE).toContain(input);
    const settings = inputs.filter((input): input is string => String(input).startsWith('configs/'));
    for (const config of settings) {
      const overrides = (values.settings ?? []) as readonly string[];
      const source = { file: path.join(PROJECT, config), overrides, environment: {} };
      expect(() => loadAnyKind(source)).not.toThrow();
    }
  });
});
