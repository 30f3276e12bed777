import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeCheckpoint } from '../../src/checkpoint/checkpoint.js';
import { buildDist, runWhisker } from './dist.js';

let folder: string;
const file = (name: string) => path.join(folder, name);
const write = (name: string, second: number, step = 3) =>
  writeCheckpoint(file(name), {
    header: { kind: 'pretraining', step, settings: { width: 2 }, progress: null },
    tensors: {
      'encoder/kernel': { shape: [1, 2], data: new Float32Array([0.5, second]) },
      'adam/first/encoder/kernel': { shape: [1, 2], data: new Float32Array([0.1, 0.2]) },
    },
  });
beforeAll(() => {
  buildDist();
  folder = mkdtempSync(path.join(tmpdir(), 'whisker-checkpoints-'));
  write('a', 1);
  write('b', 1);
  write('c', 1.25, 4);
  const bytes = readFileSync(file('a'));
  // The checksum of the file is its last 32 bytes; the last number lies before it.
  bytes[bytes.length - 33] ^= 1;
  writeFileSync(file('damaged'), bytes);
});
afterAll(() => rmSync(folder, { recursive: true }));
const run = (...args: string[]) => runWhisker(['checkpoint', ...args], { cwd: folder });

test('inspect shows step, size and the tensors of the encoder', () => {
  const { status, stdout } = run('inspect', 'a');
  expect(status).toBe(0);
  expect(stdout).toMatch(/step +3\n/);
  expect(stdout).toMatch(/encoder\/kernel +\[1, 2\] +float32/);
  expect(stdout).toMatch(/sha256 +[0-9a-f]{64}\n/);
  expect(stdout).not.toContain('adam/');
  expect(run('inspect', 'a', '--all').stdout).toContain('adam/first/encoder/kernel');
});

test('inspect says what an encoder is and has learned from', () => {
  const card = {
    model: { window: { framesPerSecond: 30, windowFrames: 64, patchFrames: 2 }, encoder: { type: 'mlp' } },
    skeleton: { keypoints: ['nose', 'tail'], edges: [] },
    animals: { names: ['resident', 'intruder'], identity: 'ordered' },
    normalisation: {},
    dataset: { name: 'mice', hash: 'abc' },
    recordings: [{ id: 'one', poseHash: 'h' }],
  };
  writeCheckpoint(file('card'), {
    header: { kind: 'pretraining', step: 3, settings: card, progress: null },
    tensors: { 'encoder/kernel': { shape: [1], data: new Float32Array(1) } },
  });
  const { stdout } = run('inspect', 'card');
  expect(stdout).toMatch(/encoder type +mlp\n/);
  expect(stdout).toMatch(/windows +64 frames at 30 frames\/s, tokens of 2\n/);
  expect(stdout).toMatch(/animals +resident, intruder \(ordered\)\n/);
  expect(stdout).toMatch(/keypoints +nose, tail\n/);
  expect(stdout).toMatch(/learned from +1 recordings of mice, abc\n/);
});

test('verify tells good files from damaged ones, by the tensor’s name', () => {
  expect(run('verify', 'a')).toMatchObject({ status: 0, stdout: 'good     a\n' });
  const { status, stdout, stderr } = run('verify', 'damaged');
  expect({ status, stdout }).toEqual({ status: 3, stdout: 'DAMAGED  damaged\n' });
  expect(stderr).toMatch(/(encoder|adam\/first\/encoder)\/kernel is not what was written/);
});

test('diff says the same bits, or what differs and by how much', () => {
  expect(run('diff', 'a', 'b').stdout).toBe('The same bits.\n');
  const { stdout } = run('diff', 'a', 'c');
  expect(stdout).toMatch(/step +3 +4/);
  expect(stdout).toMatch(/encoder\/kernel .* 2\.50e-1/);
  expect(stdout).not.toContain('adam/');
});

test('a place that is not there is data that is wrong', () => {
  const { status, stderr } = run('inspect', 'nothing');
  expect(status).toBe(3);
  expect(stderr).toContain('nothing is not there');
});
