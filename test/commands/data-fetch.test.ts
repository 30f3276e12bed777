import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packZip } from '../../src/data/formats/zip-entries.js';
import { CALMS21_SIZES } from '../../src/data/simulate/calms21-sizes.js';
import { writeCalms21Json } from '../../src/data/simulate/write-calms21-json.js';
import { type ArchiveServer, startArchiveServer } from '../data/archive/archive-server.js';
import { buildDist, type CommandResult } from './dist.js';

const root = mkdtempSync(path.join(tmpdir(), 'whisker-fetch-'));
const archives = path.join(root, 'archives');
let server: ArchiveServer;

beforeAll(async () => {
  buildDist();
  const json = await writeCalms21Json(
    path.join(root, 'json'),
    { seed: 1, sizes: CALMS21_SIZES.tiny, indent: 0 },
    () => {},
  );
  const pack = (part: string) =>
    packZip(
      json
        .filter((file) => file.includes(part))
        .map((file) => ({ name: `${part}/${path.basename(file)}`, bytes: readFileSync(file) })),
    );
  server = await startArchiveServer({
    'readme.md': Buffer.from('# CalMS21'),
    'task1_classic_classification.zip': pack('task1'),
    'task2_annotation_styles.zip': pack('task2'),
    'task3_new_behaviors.zip': pack('task3'),
    'unlabeled_videos.zip': pack('unlabeled'),
    'task1_MARS_features.zip': packZip([{ name: 'mars.npz', bytes: packZip([]) }]),
    'task1_videos_mp4.zip': packZip([]),
    'task1_videos_seq.zip': packZip([]),
  });
});
afterAll(async () => {
  await server.close();
  rmSync(root, { recursive: true });
});

/** Runs the built command without a terminal, while this process goes on (the server is in it). */
function run(...args: readonly string[]): Promise<CommandResult> {
  const child = spawn(process.execPath, [path.join(buildDist(), 'main.js'), ...args], { stdio: 'pipe' });
  child.stdin.end();
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })));
}

const fetchData = (...args: readonly string[]) =>
  run('data', 'fetch', 'calms21', ...args, '--folder', archives, '--record-url', server.recordUrl);

test('without a terminal and without --yes it tells sizes and licence, and fetches nothing', async () => {
  const { status, stdout, stderr } = await fetchData('task1', 'videos');
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/Licence: CC BY 4\.0/);
  expect(stderr).toMatch(/^task1_classic_classification\.zip {2}[\d.]+ kB {2}to fetch$/m);
  expect(stderr).toMatch(/^task1_videos_mp4\.zip +22 B +to fetch$/m);
  expect(stderr).toMatch(/^task1_videos_seq\.zip +22 B +to fetch$/m);
  expect(stderr).toMatch(/nobody can be asked .*\n\nAdd --yes/);
  expect(existsSync(archives)).toBe(false);
  expect(server.ranges).toEqual([]);
});

test('fetches poses and labels, and the import that it advises reads the archives', async () => {
  const { status, stdout, stderr } = await fetchData('--yes');
  expect(status).toBe(0);
  expect(stdout.match(/ fetched$/gm)).toHaveLength(4);
  expect(stderr).toMatch(/unlabeled_videos\.zip: 100 % of [\d.]+ [kM]B, [\d.]+ [kM]?B\/s, 0 s left/);
  expect(readdirSync(archives)).toEqual([
    'task1_classic_classification.zip',
    'task2_annotation_styles.zip',
    'task3_new_behaviors.zip',
    'unlabeled_videos.zip',
  ]);
  const advised = /^ {2}(?:npx )?whisker (data import \S+) '(.*)'$/m.exec(stderr) as RegExpExecArray;
  const store = path.join(root, 'store');
  const imported = await run(...advised[1].split(' '), advised[2], `out="${store}"`, '--json');
  const { subsets } = JSON.parse(imported.stdout);
  const sum = subsets.reduce((frames: number, subset: { frames: number }) => frames + subset.frames, 0);
  expect([subsets.length, sum]).toEqual([27, 400 + 700 + 5 * 200 + 7 * 120]);
});

test('a second time nothing is asked or fetched', async () => {
  const before = server.ranges.length;
  const { status, stdout } = await fetchData();
  expect(status).toBe(0);
  expect(stdout.match(/ present$/gm)).toHaveLength(4);
  expect(server.ranges).toHaveLength(before);
});

test('--from checks what somebody has fetched, and leaves it there', async () => {
  const args = ['data', 'fetch', 'calms21', 'task1', 'mars', '--from', archives];
  const standIn = await run(...args, '--record-url', server.recordUrl, '--json');
  expect(JSON.parse(standIn.stdout).files).toEqual([
    { path: path.join(archives, 'task1_classic_classification.zip'), status: 'present' },
  ]);
  expect(standIn.stderr).toContain('has no /mars');
  const real = await run(...args);
  expect(real.status).toBe(3);
  expect(real.stderr).toMatch(/damaged or another file: the checksum is not 8a02654f/);
});

test('--unpack puts the files beside, and the import that it advises reads them', async () => {
  const { status, stderr } = await fetchData('task1', 'task3', '--unpack');
  expect(status).toBe(0);
  const unpacked = `${archives}-unpacked`;
  expect(readdirSync(path.join(unpacked, 'task1'))).toEqual([
    'calms21_task1_test.json',
    'calms21_task1_train.json',
  ]);
  const advised = /^ {2}(?:npx )?whisker (data import \S+) '(.*)'$/m.exec(stderr) as RegExpExecArray;
  expect(advised[2]).toBe(`source.files=["${unpacked}"]`);
  const store = path.join(root, 'unpacked-store');
  const imported = await run(...advised[1].split(' '), advised[2], `out="${store}"`, '--json');
  expect(JSON.parse(imported.stdout).subsets).toHaveLength(2 + 14);
});

test('parts and data sets that there are not', async () => {
  const { status, stderr } = await run('data', 'fetch', 'calms21', 'task4');
  expect(status).toBe(2);
  expect(stderr).toContain('parts must be one of task1, task2, task3, unlabelled, mars, videos, got task4');
});
