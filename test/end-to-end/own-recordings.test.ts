import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
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
  const init = run('config', 'init', '--poses', 'videos/*DLC.csv', ...asked);
  expect(init.stdout).toBe('mice-import.yaml\nmice.yaml\nmice-heads.yaml\n');
  for (const advice of [
    'config check mice-import.yaml mice.yaml mice-heads.yaml',
    'data import mice-import.yaml',
    'pretrain mice.yaml',
    'finetune mice-heads.yaml',
  ])
    expect(init.stderr).toContain(`npx whisker ${advice}`);
  // whichever comes first here, the import is what comes first
  const checked = run('config', 'check', 'mice-heads.yaml', 'mice-import.yaml', 'mice.yaml');
  expect(checked.stderr).toContain('npx whisker data import mice-import.yaml');
  expect(run('data', 'import', 'mice-import.yaml').stdout).toMatch(/^all +3 +1800$/m);
  run('pretrain', 'mice.yaml', ...CHEAP);
  const heads = ['protocol.tracks=[sniffing]', 'rows=[encoder]', 'shiftedLabels=[]', 'head.strengths=[0.1]'];
  expect(run('finetune', 'mice-heads.yaml', ...heads).stdout).toContain('encoder');
  run('predict', 'checkpoints/mice-heads', 'data/mice', '--out', 'predictions', '--all-folds');
  expect(readdirSync(path.join(folder, 'predictions')).some((name) => name.includes('mice-01'))).toBe(true);
}, 240_000);

test('where no configs/ lies, advice names the settings of the package by their whole path', () => {
  const { stderr } = run('data', 'simulate', '--preset', 'tiny', '--out', 'json');
  const file = /data import (\S+quickstart-import\.yaml)/.exec(stderr)?.[1] ?? '';
  expect([path.isAbsolute(file), existsSync(file)]).toEqual([true, true]);
  expect(run('config', 'list').stdout).toContain(file);
});

test('a pattern that the shell has replaced by files is as good; files of other kinds are refused at once', () => {
  const files = readdirSync(path.join(folder, 'videos')).map((name) => `videos/${name}`);
  const poses = files.filter((name) => name.endsWith('DLC.csv'));
  expect(poses).toHaveLength(3);
  const rest = ['--fps', '30', '--name', 'expanded'];
  run(
    'config',
    'init',
    '--poses',
    ...poses,
    ...rest,
    '--labels',
    'videos/boris/mice-01.csv',
    'videos/boris/mice-02.csv',
  );
  expect(run('data', 'import', 'expanded-import.yaml').stdout).toMatch(/^all +3 +1800$/m);
  const { status, stderr } = runWhisker(
    ['config', 'init', '--poses', 'videos/*', '--fps', '30', '--name', 'all'],
    {
      cwd: folder,
    },
  );
  expect([status, stderr.includes('simulated.json is neither')]).toEqual([3, true]);
});

test('a behaviour that no file marks, and labels of other recordings, are told before anything is written', () => {
  const given = ['--poses', 'videos/*DLC.csv', '--fps', '30', '--name', 'wrong'];
  const misspelt = runWhisker(
    ['config', 'init', ...given, '--labels', 'videos/boris/*.csv', '--behaviours', 'snifing'],
    { cwd: folder },
  );
  expect([misspelt.status, misspelt.stderr.includes('Did you mean sniffing?')]).toEqual([2, true]);
  cpSync(path.join(folder, 'videos/boris/mice-01.csv'), path.join(folder, 'others/rat.csv'));
  const strange = runWhisker(['config', 'init', ...given, '--labels', 'others/*.csv'], { cwd: folder });
  expect([strange.status, strange.stderr.includes('no label file belongs to a recording')]).toEqual([
    3,
    true,
  ]);
  expect(existsSync(path.join(folder, 'wrong-import.yaml'))).toBe(false);
});

test('a name that can be no folder is refused before settings are written that nothing could load', () => {
  const given = ['--poses', 'videos/*DLC.csv', '--fps', '30', '--name', 'my mice'];
  const { status, stderr } = runWhisker(['config', 'init', ...given], { cwd: folder });
  expect([status, stderr.includes('the name must be')]).toEqual([2, true]);
  expect(existsSync(path.join(folder, 'my mice-import.yaml'))).toBe(false);
});

test('where nobody can be asked, it says what to give; nothing is written over', () => {
  const { status, stderr } = runWhisker(['config', 'init'], { cwd: folder });
  expect([status, stderr.includes('--poses and --fps')]).toEqual([2, true]);
  const given = ['--poses', 'videos/*DLC.csv', '--fps', '30', '--name', 'mice'];
  const again = runWhisker(['config', 'init', ...given], { cwd: folder });
  expect(again.status).toBe(2);
  expect(again.stderr).toContain('mice-import.yaml and mice.yaml are there already');
  expect(existsSync(path.join(folder, 'mice-import.yaml'))).toBe(true);
});
