import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SOURCES = fileURLToPath(new URL('../src', import.meta.url));
const FILES = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter(
  (name) => /\.tsx?$/.test(name) && !name.startsWith('report/page/'),
);
const text = (file: string) => readFileSync(path.join(SOURCES, file), 'utf8');
const roomOf = (file: string) => file.split('/')[0];

/** `file: name` of all that a file takes from another room. */
function takenBy(file: string): string[] {
  const imports = text(file).matchAll(/import (?:type )?\{([^}]*)\} from '(\.[^']+)\.js'/g);
  return [...imports].flatMap(([, names, from]) => {
    const base = path.join(path.dirname(file), from);
    const source = FILES.find((name) => name === `${base}.ts` || name === `${base}.tsx`) ?? base;
    if (roomOf(source) === roomOf(file)) return [];
    return names
      .split(',')
      .map((name) =>
        name
          .replace(/^\s*type /, '')
          .replace(/ as .*/, '')
          .trim(),
      )
      .filter((name) => name !== '')
      .map((name) => `${source}: ${name}`);
  });
}

test('what another room uses has a docstring', () => {
  const used = [...new Set(FILES.flatMap(takenBy))];
  expect(used.length).toBeGreaterThan(300);
  const bare = used.filter((entry) => {
    const [file, name] = entry.split(': ');
    const lines = text(file).split('\n');
    const at = lines.findIndex((line) =>
      new RegExp(`^export (?:async |abstract )?(?:function|class|interface|type|const) ${name}\\b`).test(
        line,
      ),
    );
    // Others hand on what a file exports by name only.
    return at > 0 && !/\*\/\s*$/.test(lines[at - 1]);
  });
  expect(bare).toEqual([]);
});
