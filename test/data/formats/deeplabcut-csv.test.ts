import { describe, expect, it } from 'vitest';
import { readDeepLabCutCsv } from '../../../src/data/formats/deeplabcut-csv.js';
import { arrangePoses, proposeName } from '../../../src/data/formats/tracked-poses.js';
import { chunksOf } from './calms21-text.js';

const MULTI = [
  'scorer,s,s,s,s,s,s,s,s,s,s,s,s',
  'individuals,m1,m1,m1,m1,m1,m1,m2,m2,m2,m2,m2,m2',
  'bodyparts,nose,nose,nose,tail,tail,tail,nose,nose,nose,tail,tail,tail',
  'coords,x,y,likelihood,x,y,likelihood,x,y,likelihood,x,y,likelihood',
  '0,1.5,2,0.9,3,4,0.8,5,6,0.7,7,8,0.1',
  '1,,,,nan,NaN,0.2,-5e-1,.5,1,7,8,1.0',
  '',
].join('\n');

const NAN = Number.NaN;
const read = (text: string | Uint8Array, chunkBytes?: number) =>
  readDeepLabCutCsv(chunksOf(text, chunkBytes), 'poses.csv');

describe('readDeepLabCutCsv', () => {
  it('reads several animals, with missing cells', async () => {
    const poses = await read(MULTI);
    expect(poses).toEqual({
      animals: ['m1', 'm2'],
      keypoints: ['nose', 'tail'],
      frames: 2,
      pose: Float32Array.of(1.5, 2, 3, 4, 5, 6, 7, 8, NAN, NAN, NAN, NAN, -0.5, 0.5, 7, 8),
      scores: Float32Array.of(0.9, 0.8, 0.7, 0.1, 0, 0.2, 1, 1),
    });
  });

  it('reads one animal without a row of individuals, and tables without scores', async () => {
    const text = 'scorer,s,s\nbodyparts,nose,nose\ncoords,x,y\n0,1,2\n1,3,4';
    expect(await read(text)).toEqual({
      animals: ['animal'],
      keypoints: ['nose'],
      frames: 2,
      pose: Float32Array.of(1, 2, 3, 4),
    });
  });

  it('takes exact (0, 0) for a lost point, and only that', async () => {
    const rows = ['0,0,0,0.4', '1,0.0,0.00,0.3', '2,0,5,0.9', '3,5,0,0.9', '4,1e-30,0,0.9'];
    const { pose, scores } = await read(
      ['scorer,s,s,s', 'bodyparts,a,a,a', 'coords,x,y,likelihood', ...rows].join('\n'),
    );
    expect(pose).toEqual(Float32Array.of(NAN, NAN, NAN, NAN, 0, 5, 5, 0, 1e-30, 0));
    expect(scores).toEqual(Float32Array.of(0.4, 0.3, 0.9, 0.9, 0.9));
  });

  it.each([1, 7, 100])(
    'gives the same however the bytes come (%i at once, CRLF, no newline at the end)',
    async (size) => {
      expect(await read(MULTI, size)).toEqual(await read(MULTI));
      expect(await read(MULTI.trimEnd().replaceAll('\n', '\r\n'), size)).toEqual(await read(MULTI));
    },
  );

  it.each([1, 13, 96, 5000])('reads %i frames', async (frames) => {
    const rows = Array.from({ length: frames }, (_, frame) => `${frame},${frame * 2 + 1},${frame / 4}`);
    const poses = await read(['scorer,s,s', 'bodyparts,a,a', 'coords,x,y', ...rows].join('\n'));
    expect(poses.frames).toBe(frames);
    expect(poses.pose.slice(-2)).toEqual(Float32Array.of(2 * frames - 1, (frames - 1) / 4));
  });

  const lines = MULTI.split('\n');
  it.each([
    ['a missing column', lines.with(5, '1,2,3'), /line 6 .*expected 12 values after the frame, got 2/],
    ['a column too many', lines.with(4, `${lines[4]},9`), /line 5 .*got more/],
    ['a frame left out', lines.with(5, lines[5].replace('1,', '2,')), /line 6 .*expected frame 1 .*got 2/],
    ['a word', lines.with(4, lines[4].replace('1.5', 'left')), /line 5 .*"left" is not a number/],
    ['no frames', lines.slice(0, 4), /no frames/],
    ['no coords', lines.slice(0, 3), /ends in its header/],
    ['another table', ['Time,Behavior', '1,2'], /line 1 .*expected a row scorer/],
    [
      'a foreign coordinate',
      lines.with(3, lines[3].replace('likelihood', 'z')),
      /column 4: expected x, y or likeli/,
    ],
    [
      'the same column twice',
      lines.with(3, lines[3].replace('x,y', 'x,x')),
      /same animal, body part and coordinate/,
    ],
  ])('names the line for %s', async (_, text, message) => {
    await expect(read(text.join('\n'))).rejects.toThrow(message);
  });
});

describe('arrangePoses', () => {
  const arrangement = {
    animals: ['b', 'a'],
    keypoints: ['tail_base'],
    renameAnimals: { m1: 'a', m2: 'b' },
    renameKeypoints: { tail: 'tail_base' },
    minimalScore: 0.15,
  };

  it('picks, orders and renames, and drops points with low scores', async () => {
    const arranged = arrangePoses(await read(MULTI), arrangement, 'poses.csv');
    expect(arranged).toEqual({
      pose: Float32Array.of(NAN, NAN, 3, 4, 7, 8, NAN, NAN),
      scores: Float32Array.of(0.1, 0.8, 1, 0.2),
      unusedAnimals: [],
      unusedKeypoints: ['nose'],
    });
  });

  it('tells the names of both sides and proposes a rename', async () => {
    const poses = await read(MULTI);
    const arrange = () => arrangePoses(poses, { ...arrangement, renameKeypoints: {} }, 'poses.csv');
    expect(arrange).toThrow(
      /has no keypoint tail_base\n {2}in the file: nose, tail\n {2}expected: {4}tail_base/,
    );
    expect(arrange).toThrow(expect.objectContaining({ hint: expect.stringContaining('tail: tail_base') }));
  });

  it('refuses two names that become one', async () => {
    const poses = await read(MULTI);
    const doubled = { ...arrangement, renameKeypoints: { nose: 'tail_base', tail: 'tail_base' } };
    expect(() => arrangePoses(poses, doubled, 'f')).toThrow(/nose and tail would both be keypoint tail_base/);
  });
});

describe('proposeName', () => {
  it.each([
    ['left_ear', ['rightear', 'leftear'], 'leftear'],
    ['tail_base', ['neck', 'tail'], 'tail'],
    ['nose', ['snout'], undefined],
    ['investigation', ['mount', 'investigate'], 'investigate'],
  ])('finds what %s may be', (name, candidates, expected) => {
    expect(proposeName(name, candidates)).toBe(expected);
  });
});
