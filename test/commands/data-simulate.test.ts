import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
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

test.each([
  ['where the settings look', 'data/own-lab', 'data/my-mice'],
  ['elsewhere', 'other place/lab', 'other place/lab-store'],
])('a lab of its own, %s: simulate, import, inspect and the settings of what follows', (_, out, store) => {
  const simulated = run('data', 'simulate', '--preset', 'own-lab-tiny', '--out', out);
  expect(simulated.stdout.trim().split('\n')).toHaveLength(6);
  const [importing] = advice(simulated.stderr);
  const imported = run(...importing);
  expect(imported.stdout).toMatch(/^all +3 +1800$/m);
  expect(imported.stderr).not.toContain('without');
  const [inspecting, pretraining] = advice(imported.stderr);
  expect(inspecting).toEqual(['data', 'inspect', store]);
  const inspected = run(...inspecting);
  expect(inspected.stdout).toMatch(/^social +all +sniffing +[1-9]\d* +3$/m);
  expect(inspected.stdout).toMatch(/^grooming +all +other +[1-9]/m);
  expect(advice(inspected.stderr)).toEqual([pretraining]);
  const strict = run(...inspecting, '--jump-body-lengths', '0.05').stdout;
  expect(strict).toMatch(
    /^ {2}points that jump \(3\)\n(?: {4}mice-\d+, from frame \d+: points jump by more than 0\.05 body lengths in \d+ frames \(.+\)\n){3}/m,
  );
  expect(pretraining[0]).toBe('pretrain');
  const shown = JSON.parse(run('config', 'show', ...pretraining.slice(1), '--json').stdout).settings;
  expect([shown.name, shown.data.folder, shown.data.subsets]).toEqual(['my-mice', store, null]);
  const heads = JSON.parse(run('config', 'show', 'configs/own-behaviour.yaml', '--json').stdout).settings;
  expect([heads.run, heads.protocol.tracks]).toEqual([`checkpoints/${shown.name}`, ['social', 'grooming']]);
  expect(run('data', 'simulate', '--preset', 'own-lab-tiny', '--out', out).stderr).toContain('already holds');
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
