import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildDist, runWhisker } from './dist.js';

let folder: string;
beforeAll(() => {
  buildDist();
  folder = mkdtempSync(path.join(tmpdir(), 'whisker-main-'));
  writeFileSync(path.join(folder, 'good.yaml'), 'kind: pretrain\nname: a\ndata: {folder: d}\n');
  writeFileSync(path.join(folder, 'bad.yaml'), 'kind: pretrain\nname: a\nsede: 1\ndata: {folder: 3}\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) => runWhisker(args, { cwd: folder });

test('--help lists the commands on stdout and ends with 0', () => {
  const { status, stdout, stderr } = run('--help');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('whisker config');
  // Where a newcomer begins.
  expect(stdout).toContain('npx whisker config init  settings for your own');
});

test('the help of a command tells its own options before those that all have', () => {
  const { stdout } = run('config', 'init', '--help');
  const places = ['Positionals:', '--poses', 'Everywhere:', '--json', 'Example,'].map((text) =>
    stdout.indexOf(text),
  );
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places[0]).toBeGreaterThan(0);
});

test('--version is the package’s, with TensorFlow’s behind it', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const lines = run('--version').stdout.split('\n');
  expect(lines[0]).toBe(version);
  expect(lines[1]).toBe('TensorFlow.js 4.22.0');
  expect(lines[2]).toMatch(/^engine (cpu|cuda): TensorFlow 2\.21\.0$|^no native engine/);
  const environment = { WHISKER_ENGINE_DIR: path.join(folder, 'no engines') };
  expect(runWhisker(['--version'], { environment }).stdout).toContain(
    '\nno native engine: npx whisker engine install cpu\n',
  );
});

test.each([
  [[], 'say which command'],
  [['confg'], 'confg is not a command. Did you mean config?'],
  [['config', 'shwo'], 'shwo is not a command. Did you mean config show?'],
  [['import', 'x.yaml'], 'import is not a command. Did you mean data import?'],
  [['train'], 'train is not a command. Did you mean pretrain?'],
  [['config'], 'say which: show, check, schema, list, diff, init'],
  [['config', 'show', 'good.yaml', '--jsn'], 'jsn is not an option of this command. Did you mean --json?'],
  [['doctor', 'cpu'], 'cpu is one argument too many'],
  [['predict', 'run', 'data'], '--out must be given'],
  [['config', 'show'], 'something is missing: npx whisker config show <config> [settings..]'],
  [['config', 'schema', 'pretrian'], 'kind must be one of'],
  [['config', 'init', 'pretrain', 'good.yaml'], 'good.yaml exists already'],
  [['engine', 'install', 'cpu', '--wheel', 'a', '--wheel', 'b'], '--wheel is given more than once'],
  [['embed', 'run', 'data', '--out', 'good.yaml/x'], '--out must be a folder, got good.yaml/x: '],
  [['predict', 'run', 'data', '--out', 'good.yaml'], 'good.yaml is a file'],
  [['data', 'simulate', '--out', 'x', '--seed', 'one'], '--seed must be a whole number from 0 on, got NaN'],
  [['bench', 'heads', '--runs', '0'], '--runs must be a whole number from 1 on, got 0'],
  [['export', 'run', '--out', 'x', '--batch-windows', '1.5'], '--batch-windows must be a whole number'],
  [['embed', 'run', 'data', '--out', 'x', '--device', 'gpu'], 'Did you mean --device cuda?'],
  [
    ['bench', 'step', '--device', 'cpuu'],
    '--device must be auto, cpu, cuda, cuda:NUMBER or portable, got cpuu',
  ],
])('%j is a usage error', (args, message) => {
  const { status, stdout, stderr } = run(...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).not.toContain('    at ');
});

test('config check tells the problems of all files and ends with 2', () => {
  const { status, stdout, stderr } = run('config', 'check', 'good.yaml', 'bad.yaml', 'gone.yaml');
  expect(status).toBe(2);
  expect(stdout).toBe('good.yaml  is fine  pretrain  a\n');
  expect(stderr).toContain('bad.yaml has 2 problems');
  expect(stderr).toContain('sede   is not a setting. Did you mean seed?'.replace('sede  ', 'sede         '));
  expect(stderr).toContain('gone.yaml has 1 problem');
});

test('settings of another kind are told as such, not by each setting that they lack', () => {
  const { status, stderr } = run('data', 'import', 'good.yaml');
  expect(status).toBe(2);
  expect(stderr).toMatch(/good\.yaml has 1 problem\n\n +\d+:7 +kind +must be import, got "pretrain"\n/);
});

test('all overrides reach the settings, each with its origin', () => {
  const { stdout } = run('config', 'show', 'good.yaml', 'seed=3', 'engine.threads=2', '--json');
  const { settings, origins } = JSON.parse(stdout);
  expect([settings.seed, settings.engine.threads]).toEqual([3, 2]);
  expect([origins.seed, origins.name, origins['engine.mode']]).toEqual([
    'override seed=3',
    'good.yaml:2:7',
    'default',
  ]);
});

test('what config show prints can be read again and is the same', () => {
  writeFileSync(path.join(folder, 'shown.yaml'), run('config', 'show', 'good.yaml', 'seed=3').stdout);
  const { stdout } = run('config', 'diff', 'good.yaml', 'shown.yaml', '--json');
  expect(JSON.parse(stdout)).toEqual([{ path: 'seed', one: '0', other: '3' }]);
});

test('with --json an error is one JSON document on stderr', () => {
  const { status, stderr } = run('config', 'check', 'bad.yaml', '--json');
  expect(status).toBe(2);
  expect(JSON.parse(stderr).error).toMatchObject({ kind: 'settings', problems: [{ code: 'unknown' }, {}] });
});

test('a usage error names the help of the command, as it was called', () => {
  expect(run('data', 'imprt').stderr).toContain('npx whisker data --help');
  expect(run('config', 'show', 'good.yaml', '--jsn').stderr).toContain('npx whisker config show --help');
});

test('the completion script bears the name that it completes, and knows commands below groups', () => {
  const { stdout } = run('completion');
  expect(stdout).toContain('complete -o bashdefault -o default -F _whisker_yargs_completions whisker');
  const { stdout: words } = run('--get-yargs-completions', 'whisker', 'config', 'sh');
  expect(words.split('\n')).toContain('show');
});

test('--quiet keeps messages and advice back', () => {
  expect(run('config', 'check', 'good.yaml').stderr).toContain('whisker pretrain good.yaml');
  expect(run('config', 'check', 'good.yaml', '--quiet').stderr).toBe('');
});

test('a reader that stops early is no failure', () => {
  const main = path.join(buildDist(), 'main.js');
  const { status, stderr } = spawnSync(
    'bash',
    ['-c', `set -o pipefail; node ${main} config schema --quiet | head -c 1 >/dev/null`],
    { encoding: 'utf8' },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('names with control characters never reach the terminal as such', () => {
  const { stderr } = run('config', 'check', 'x\u001b[31m\u0007.yaml');
  expect(stderr).toContain('x\\u001b[31m\\u0007.yaml has 1 problem');
  expect(stderr).not.toContain('\u001b');
});

test('--help loads no engine, no screen, no schemas and no YAML', () => {
  const spy = path.join(folder, 'spy.mjs');
  writeFileSync(
    spy,
    `import { registerHooks, register } from 'node:module';
register('data:text/javascript,' + encodeURIComponent(\`
  import { appendFileSync } from 'node:fs';
  export async function load(url, context, next) {
    appendFileSync(\${JSON.stringify(process.env.SPY_FILE)}, url + '\\\\n');
    return next(url, context);
  }\`));`.replace('registerHooks, ', ''),
  );
  const list = path.join(folder, 'loaded.txt');
  const args = ['--import', spy, path.join(buildDist(), 'main.js'), 'config', '--help'];
  const { status, stderr } = spawnSync(process.execPath, args, {
    env: { PATH: process.env.PATH ?? '', SPY_FILE: list },
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const loaded = readFileSync(list, 'utf8');
  expect(loaded).toContain('dist/commands/shell.js');
  for (const heavy of ['tensorflow', '/react/', '/ink/', '/zod/', '/yaml/', 'dist/engine', 'dist/ui']) {
    expect(loaded).not.toContain(heavy);
  }
});

test('SIGUSR1 before a run listens opens no debugger', async () => {
  const main = path.join(buildDist(), 'main.js');
  const args = [main, 'data', 'simulate', '--preset', 'calms21', '--out', 'sizes'];
  const command = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  command.stderr.setEncoding('utf8').on('data', (piece: string) => {
    said += piece;
  });
  const ended = once(command, 'close');
  await once(command.stderr, 'data'); // it is at work
  command.kill('SIGUSR1');
  await sleep(300);
  command.kill('SIGTERM');
  await ended;
  expect(said).not.toContain('Debugger');
});
