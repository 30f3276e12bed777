import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROJECT, splitWords } from '../commands/parse-call.js';
import { BLOCKS, COMMANDS } from '../readme-blocks.js';

const LONG = process.env.WHISKER_LONG_TESTS === '1';
const HOUR = 3_600_000;

/** In a fresh clone, by a shell that stops at the first failure; only the engine and npm's packages come from the user's cache. */
describe.skipIf(!LONG)('the README in a fresh clone', () => {
  let clone: string;
  beforeAll(() => {
    clone = path.join(mkdtempSync(path.join(tmpdir(), 'readme-')), 'whisker');
    execFileSync('git', ['clone', '--quiet', '--no-hardlinks', PROJECT, clone]);
  });
  afterAll(() => rmSync(path.dirname(clone), { recursive: true, force: true }));

  const run = (script: string, input = '') => {
    const environment = Object.entries(process.env).filter(
      ([name]) => !/^(VITEST|WHISKER_|NODE_ENV$)/.test(name),
    );
    const began = performance.now();
    const result = spawnSync('bash', ['-euo', 'pipefail', '-c', script], {
      ...{ cwd: clone, input },
      encoding: 'utf8',
      env: { ...Object.fromEntries(environment), NO_COLOR: '1' },
      maxBuffer: 2 ** 26,
    });
    const seconds = (performance.now() - began) / 1000;
    return { ...result, seconds, end: `${result.stdout}\n${result.stderr}`.slice(-3000) };
  };

  /** What a block leaves behind, by a word of its own. */
  const LEFT: Readonly<Record<string, readonly string[]>> = {
    'scripts/quickstart': ['checkpoints/quickstart-heads/table.md'],
    'whisker doctor': [
      'features/index.json',
      'encoder.safetensors',
      'checkpoints/quickstart-heads/report.html',
    ],
    'own-lab': ['checkpoints/mice-heads/table.md', 'own-predictions'],
    'sweep status': ['checkpoints/objectives/plan.json', 'checkpoints/objectives/sweep.yaml'],
  };

  for (const { text } of BLOCKS.filter(({ language, tag }) => language === 'sh' && tag === 'run')) {
    const [word, left] = Object.entries(LEFT).find(([part]) => text.includes(part)) ?? ['', []];
    test(
      `runs as printed: ${text.split('\n', 1)[0]}`,
      () => {
        const { status, end, seconds } = run(text);
        console.log(`${word}: ${seconds.toFixed(0)} s`);
        expect({ status, end: status === 0 ? '' : end }).toEqual({ status: 0, end: '' });
        expect(left.length).toBeGreaterThan(0);
        expect(left.filter((name) => !existsSync(path.join(clone, name)))).toEqual([]);
      },
      HOUR,
    );
  }

  test(
    'the example of a library runs',
    () => {
      const code = BLOCKS.find(({ language }) => language === 'ts')?.text ?? '';
      expect(code).toContain("from 'whisker'");
      const short = code.replace("'name=mine'", "'name=mine', 'training.duration={steps: 20}'");
      expect(short).not.toBe(code);
      const readIndex = () => JSON.parse(readFileSync(path.join(clone, 'features/index.json'), 'utf8'));
      const before = readIndex();
      const { status, end } = run('node --input-type=module', short);
      expect({ status, end: status === 0 ? '' : end }).toEqual({ status: 0, end: '' });
      const index = readIndex();
      expect(index.encoderHash).not.toBe(before.encoderHash);
    },
    HOUR,
  );

  const elsewhere = COMMANDS.filter(
    ({ tag, line }) => tag !== 'run' && /^npx whisker (pretrain|sweep run) /.test(line),
  );
  test.each(elsewhere)(
    '--dry-run of $tag: $line',
    ({ tag, line }) => {
      const { status, stdout, stderr } = run(`${line} --dry-run`);
      if (status === 0) expect(stdout).toMatch(/^steps |^job /m);
      // What is lacking here is said.
      else if (tag === 'gpu')
        expect([status, stderr]).toEqual([4, expect.stringMatching(/GPU|NVIDIA|engine install cuda/)]);
      else expect([tag, status, stderr]).toEqual(['network', 3, expect.stringContaining('calms21')]);
    },
    HOUR,
  );

  test(
    'every other command answers --help with an example',
    () => {
      const asked = new Set(
        COMMANDS.filter(({ line }) => line.includes('npx whisker ')).map(({ line }) => {
          const words = splitWords(line.slice(line.indexOf('npx whisker'))).slice(2);
          return words.slice(0, /^(data|config|sweep|engine)$/.test(words[0]) ? 2 : 1).join(' ');
        }),
      );
      expect(asked.size).toBeGreaterThan(12);
      for (const words of asked) {
        const { status, stdout } = run(`npx whisker ${words} --help`);
        expect([words, status, /^Example/m.test(stdout)]).toEqual([words, 0, true]);
      }
    },
    HOUR,
  );
});
