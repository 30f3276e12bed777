import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDataset } from '../../src/data/store/open-dataset.js';
import { buildDist } from '../commands/dist.js';

/** Of every process that works on the 9.2 million rows of CalMS21's size. */
const MOST_BYTES = 1.5e9;

/** The peak of resident memory of every process below `root`, by process, where /proc tells it. */
function samplePeaks(root: number, peaks: Map<number, number>): void {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)))
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // it has ended
    }
  const isBelow = (pid: number): boolean =>
    pid === root || (parents.has(pid) && isBelow(parents.get(pid) as number));
  for (const pid of [...parents.keys()].filter(isBelow))
    try {
      const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      if (kilobytes !== undefined) peaks.set(pid, 1024 * Number(kilobytes));
    } catch {
      // it has ended
    }
}

describe.skipIf(process.env.WHISKER_LONG_TESTS !== '1')("all of CalMS21's rows", () => {
  const root = mkdtempSync(path.join(tmpdir(), 'whisker-all-rows-'));
  beforeAll(() => {
    buildDist();
    cpSync(fileURLToPath(new URL('../../configs', import.meta.url)), path.join(root, 'configs'), {
      recursive: true,
    });
  });
  afterAll(() => rmSync(root, { recursive: true }));

  /** Runs a command; gives the largest peak of its processes. */
  async function peakOf(...args: readonly string[]): Promise<number> {
    const child = spawn(process.execPath, [path.join(buildDist(), 'main.js'), ...args, '--plain'], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr = (stderr + chunk).slice(-2000);
    });
    const peaks = new Map<number, number>();
    const timer = setInterval(() => samplePeaks(child.pid as number, peaks), 200);
    const status = await new Promise((resolve) => child.on('close', resolve));
    clearInterval(timer);
    if (status !== 0) throw new Error(`whisker ${args.join(' ')} failed:\n${stderr}`);
    const peak = Math.max(...peaks.values());
    console.log(`${args.slice(0, 2).join(' ')}: ${(peak / 1e9).toFixed(2)} GB`);
    return peak;
  }

  test('are simulated, imported, pretrained on and embedded within 1.5 GB', async () => {
    expect(await peakOf('data', 'simulate', '--preset', 'calms21', '--out', 'json')).toBeLessThan(MOST_BYTES);
    const importing = [
      'data',
      'import',
      'configs/quickstart-import.yaml',
      'source.files=[json]',
      'out=store',
    ];
    expect(await peakOf(...importing)).toBeLessThan(MOST_BYTES);
    rmSync(path.join(root, 'json'), { recursive: true });
    const straight = ['data', 'simulate', '--preset', 'calms21', '--store', '--out', 'straight'];
    expect(await peakOf(...straight)).toBeLessThan(MOST_BYTES);
    const [imported, simulated] = ['store', 'straight'].map((name) => openDataset(path.join(root, name)));
    const poses = (dataset: typeof imported) => dataset.recordings.map(({ id, poseHash }) => [id, poseHash]);
    expect(new Map(poses(simulated) as [string, string][])).toEqual(
      new Map(poses(imported) as [string, string][]),
    );
    const frames = imported.recordings.reduce((sum, recording) => sum + recording.frames, 0);
    expect(frames).toBe(9_243_734);
    const settings = ['data.folder=store', 'data.subsets=null', 'training.duration.steps=40', 'name=all'];
    expect(await peakOf('pretrain', 'configs/quickstart.yaml', ...settings)).toBeLessThan(MOST_BYTES);
    expect(await peakOf('embed', 'checkpoints/all', 'store', '--out', 'features')).toBeLessThan(MOST_BYTES);
  });
});
