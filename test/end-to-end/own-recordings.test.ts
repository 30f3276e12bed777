import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildDist, runWhisker } from '../commands/dist.js';

let folder: string;
beforeAll(() => {
  buildDist();
  folder = mkdtempSync(path.join(tmpdir(), 'whisker-own-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) => {
  const result = runWhisker(args, { cwd: folder });
  if (result.status !== 0) throw new Error(`${args.join(' ')}: ${result.stderr}`);
  return result;
};

const CHEAP = [
  'encoder.width=16',
  'encoder.layers=1',
  'training.duration={steps: 5}',
  'training.batchWindows=8',
];

/** The tutorial of the README, with cheap settings. */
test('from DeepLabCut files to a trained head and its predictions, by what each command advises', () => {
  run('data', 'simulate', '--preset', 'own-lab-tiny', '--out', 'videos');
  const asked = ['--name', 'mice', '--fps', '30', '--labels', 'videos/boris/*.csv'];
  const behaviours = ['--behaviours', 'sniffing,mounting,grooming'];
  const init = run('config', 'init', '--poses', 'videos/*DLC.csv', ...asked, ...behaviours);
  expect(init.stdout).toBe('mice-import.yaml\nmice.yaml\nmice-heads.yaml\n');
  for (const advice of [
    'config check mice-import.yaml mice.yaml mice-heads.yaml',
    'data import mice-import.yaml',
    'pretrain mice.yaml',
    'finetune mice-heads.yaml',
  ])
    expect(init.stderr).toContain(`npx whisker ${advice}`);
  run('config', 'check', 'mice-import.yaml', 'mice.yaml', 'mice-heads.yaml');
  expect(run('data', 'import', 'mice-import.yaml').stdout).toMatch(/^all +3 +1800$/m);
  run('pretrain', 'mice.yaml', ...CHEAP);
  const heads = ['protocol.tracks=[sniffing]', 'rows=[encoder]', 'shiftedLabels=[]', 'head.strengths=[0.1]'];
  expect(run('finetune', 'mice-heads.yaml', ...heads).stdout).toContain('encoder');
  run('predict', 'checkpoints/mice-heads', 'data/mice', '--out', 'predictions', '--all-folds');
  expect(readdirSync(path.join(folder, 'predictions')).some((name) => name.includes('mice-01'))).toBe(true);
}, 240_000);

test('where nobody can be asked, it says what to give; nothing is written over', () => {
  const { status, stderr } = runWhisker(['config', 'init'], { cwd: folder });
  expect([status, stderr.includes('--poses')]).toEqual([2, true]);
  const again = runWhisker(['config', 'init', '--poses', 'videos/*DLC.csv', '--name', 'mice'], {
    cwd: folder,
  });
  expect(again.status).toBe(2);
  expect(again.stderr).toContain('mice-import.yaml, mice.yaml exists already');
  expect(existsSync(path.join(folder, 'mice-import.yaml'))).toBe(true);
});
