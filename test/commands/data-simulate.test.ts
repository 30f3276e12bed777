import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildDist, runWhisker } from './dist.js';

let folder: string;
beforeAll(() => {
  buildDist();
  folder = mkdtempSync(path.join(tmpdir(), 'whisker-simulate-'));
  cpSync(fileURLToPath(new URL('../../configs', import.meta.url)), path.join(folder, 'configs'), {
    recursive: true,
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) => {
  const result = runWhisker(args, { cwd: folder });
  if (result.status !== 0) throw new Error(result.stderr);
  return result;
};

/** The commands under `Next:`, as words. */
function advice(stderr: string): string[][] {
  const lines = stderr.split('\nNext:\n')[1].trim().split('\n');
  return lines.map((line) => {
    const words = line.trim().match(/'[^']*'|\S+/g) as string[];
    expect(words.slice(0, 2)).toEqual(['npx', 'whisker']);
    return words.slice(2).map((word) => word.replaceAll("'", ''));
  });
}

test('a lab of its own: simulate, then each command as the one before it advises', () => {
  const out = 'other place/lab';
  const simulated = run('data', 'simulate', '--preset', 'own-lab-tiny', '--out', out);
  expect(simulated.stdout.trim().split('\n')).toHaveLength(6);
  const [starting] = advice(simulated.stderr);
  const [checking, importing, ...later] = advice(run(...starting).stderr);
  expect(run(...checking).stdout.match(/is fine/g)).toHaveLength(3);
  const imported = run(...importing);
  expect(imported.stdout).toMatch(/^all +3 +1800$/m);
  expect(imported.stderr).not.toContain('without');
  const [inspecting, pretraining] = advice(imported.stderr);
  expect(inspecting).toEqual(['data', 'inspect', 'data/lab']);
  expect(pretraining).toEqual(later[0]);
  const inspected = run(...inspecting);
  for (const behaviour of ['sniffing', 'mounting', 'grooming'])
    expect(inspected.stdout).toMatch(new RegExp(`^${behaviour} +all +${behaviour} +[1-9]`, 'm'));
  expect(advice(inspected.stderr)).toEqual([pretraining]);
  const strict = run(...inspecting, '--jump-body-lengths', '0.05').stdout;
  expect(strict).toMatch(
    /^ {2}points that jump \(3\)\n(?: {4}mice-\d+, from frame \d+: points jump by more than 0\.05 body lengths in \d+ frames \(.+\)\n){3}/m,
  );
  const heads = JSON.parse(run('config', 'show', ...later[1].slice(1), '--json').stdout).settings;
  const encoder = JSON.parse(run('config', 'show', ...pretraining.slice(1), '--json').stdout).settings;
  expect([heads.run, heads.data.folder]).toEqual([`checkpoints/${encoder.name}`, encoder.data.folder]);
  expect(run('data', 'simulate', '--preset', 'own-lab-tiny', '--out', out).stderr).toContain('already holds');
});

test('the shipped settings for own recordings read them, and lead on to the shipped heads', () => {
  run('data', 'simulate', '--preset', 'own-lab-tiny', '--out', 'data/own-lab');
  const imported = run('data', 'import', 'configs/own-import.yaml');
  const inspected = run('data', 'inspect', 'data/my-mice').stdout;
  expect(inspected).toMatch(/^social +all +sniffing +[1-9]\d* +3$/m);
  expect(inspected).toMatch(/^grooming +all +other +[1-9]/m);
  const [, pretraining] = advice(imported.stderr);
  const shown = JSON.parse(run('config', 'show', ...pretraining.slice(1), '--json').stdout).settings;
  expect([shown.name, shown.data.folder, shown.data.subsets]).toEqual(['my-mice', 'data/my-mice', null]);
  const heads = JSON.parse(run('config', 'show', 'configs/own-behaviour.yaml', '--json').stdout).settings;
  expect([heads.run, heads.protocol.tracks]).toEqual([`checkpoints/${shown.name}`, ['social', 'grooming']]);
});

test.each(['checkpoints/quickstart-data/json', 'json'])('CalMS21 in %s: the import is as advised', (out) => {
  const [importing] = advice(run('data', 'simulate', '--preset', 'tiny', '--out', out).stderr);
  const { stdout, stderr } = run(...importing);
  expect(stdout).toMatch(/^unlabelled +2 +400$/m);
  const [, pretraining] = advice(stderr);
  const shown = JSON.parse(run('config', 'show', ...pretraining.slice(1), '--json').stdout).settings;
  expect(shown.data.subsets).toEqual(['unlabelled']);
  expect(shown.data.folder).toBe(out === 'json' ? 'json-store' : 'checkpoints/quickstart-data/store');
  if (out !== 'json') return;
  const exporting = ['data', 'export', 'json-store', '--out', 'npy', '--format'];
  expect(run(...exporting, 'calms21-npy').stdout).toBe('npy: 29 recordings, 7 files\n');
  const again = run('data', 'import', ...importing.slice(2, 3), 'source.files=[npy]', 'out=npy-store');
  expect(again.stdout).toBe(stdout);
  const { status, stderr: refusal } = runWhisker([...exporting, 'npz'], { cwd: folder });
  expect(status).toBe(3);
  expect(refusal).toContain('npy is not empty');
});

test('a call that was killed is taken up, and ends in the same files', async () => {
  const call = ['data', 'simulate', '--preset', 'own-lab-tiny', '--quiet', '--out'];
  const [out, whole] = ['killed', 'whole'].map((name) => path.join(folder, name));
  const killed = spawn(process.execPath, [path.join(buildDist(), 'main.js'), ...call, out]);
  while (killed.exitCode === null && !existsSync(path.join(out, 'mice-01DLC.csv'))) await sleep(2);
  if (killed.kill('SIGKILL')) await once(killed, 'exit');
  writeFileSync(path.join(out, `mice-03DLC.csv.partial-${killed.pid}`), 'half');
  run(...call, out);
  run(...call, whole);
  const filesOf = (place: string) =>
    readdirSync(place, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.includes('.csv'))
      .map((name) => [name, readFileSync(path.join(place, name), 'utf8')]);
  expect(filesOf(out)).toEqual(filesOf(whole));
});

test.each([['json'], ['export']])('%s: a file where the folder should be is named, not a bug', (what) => {
  const place = path.join(folder, `file-${what}`);
  writeFileSync(place, '');
  const store = path.join(folder, 'tiny-store');
  if (what === 'export') run('data', 'simulate', '--preset', 'tiny', '--store', '--out', store);
  for (const out of [place, path.join(place, 'below')]) {
    const args =
      what === 'export'
        ? ['export', store, '--format', 'npz', '--out', out]
        : ['simulate', '--preset', 'tiny', '--out', out];
    const { status, stderr } = runWhisker(['data', ...args], { cwd: folder });
    expect(stderr).toContain(out);
    expect(stderr).not.toContain('mistake in Whisker');
    expect(status).toBe(3);
  }
});
