import { describe, expect, it } from 'vitest';
import type { DatasetHeader, Recording } from '../../../src/data/pose.js';
import { type InspectProgress, inspectDataset } from '../../../src/data/store/inspect-dataset.js';
import { createMemoryDataset } from '../../../src/data/store/memory-dataset.js';

const header: DatasetHeader = {
  name: 'two mice',
  skeleton: { keypoints: ['nose', 'tail'], edges: [], mirrorPairs: [], front: [0], back: [1] },
  animals: { names: ['a', 'b'], identity: 'exchangeable' },
  tracks: [{ name: 't', vocabulary: ['other', 'attack', 'bite'] }],
};

/** Two still bodies of 10 pixels, 200 apart; `change` edits [animal a nose, a tail, b nose, b tail] of a frame. */
function recording(
  id: string,
  subset: string,
  change: (frame: number, points: number[][]) => void,
  labels: number[],
): Recording {
  const frames = 10;
  const pose = new Float32Array(frames * 8);
  for (let frame = 0; frame < frames; frame++) {
    const points = [
      [0, 0],
      [10, 0],
      [200, 0],
      [210, 0],
    ];
    change(frame, points);
    pose.set(points.flat(), frame * 8);
  }
  return {
    id,
    subset,
    frames,
    framesPerSecond: 5,
    pose,
    labels: new Map(labels.length > 0 ? [['t', Int16Array.from(labels)]] : []),
  };
}

const options = { jumpBodyLengths: 2, missingShare: 0.5 };

describe('inspectDataset', async () => {
  const told: InspectProgress[] = [];
  const { subsets, recordings, tracks, warnings } = await inspectDataset(
    createMemoryDataset(header, [
      recording(
        'swap',
        'train',
        (frame, points) => frame >= 4 && points.push(...points.splice(0, 2)),
        [0, 0, 0, 1, 1, -1, -1, -1, -1, -1],
      ),
      recording(
        'jump',
        'train',
        (frame, points) => {
          if (frame === 7) points[3] = [300, 0];
          if (frame < 6) points[0] = [Number.NaN, Number.NaN];
        },
        new Array(10).fill(0),
      ),
      recording(
        'plain',
        'unlabelled',
        (frame, points) =>
          points.forEach((point) => {
            point[0] += 15 * frame;
          }),
        [],
      ),
    ]),
    options,
    (progress) => told.push(progress),
  );

  it('tells how far it is', () => {
    expect(told.map(({ id, framesDone, framesTotal }) => [id, framesDone, framesTotal])).toEqual([
      ['swap', 10, 30],
      ['jump', 20, 30],
      ['plain', 30, 30],
    ]);
  });

  it('adds up subsets', () => {
    expect(subsets).toEqual([
      { name: 'train', recordings: 2, frames: 20, seconds: 4 },
      { name: 'unlabelled', recordings: 1, frames: 10, seconds: 2 },
    ]);
  });

  it('finds the body length, missing points, jumps and swaps', () => {
    expect(recordings.map(({ bodyLengthPixels }) => bodyLengthPixels)).toEqual([10, 10, 10]);
    expect(recordings[1].missing).toEqual([
      [0.6, 0],
      [0, 0],
    ]);
    expect(recordings.map(({ jumpFrames, firstJump }) => [jumpFrames, firstJump])).toEqual([
      [1, 4],
      [2, 7], // there and back
      [0, undefined], // 15 pixels a frame are 1.5 body lengths
    ]);
    expect(recordings.map(({ swapFrames }) => swapFrames)).toEqual([[4], [], []]);
  });

  it('sees a swap through the frames of a lost animal, unless they are too many', async () => {
    /** From frame 3 on animal a is lost for `lost` frames; then both names are exchanged. */
    const swapped = (lost: number) =>
      recording(
        'lost',
        'train',
        (frame, points) => {
          if (frame >= 3 + lost) points.push(...points.splice(0, 2));
          else if (frame >= 3) for (const at of [0, 1]) points[at] = [Number.NaN, Number.NaN];
        },
        [],
      );
    const inspect = async (lost: number) =>
      (await inspectDataset(createMemoryDataset(header, [swapped(lost)]), options)).recordings[0].swapFrames;
    expect(await Promise.all([0, 1, 2].map(inspect))).toEqual([[3], [4], []]); // 5 frames a second: a third of one is 2 frames
  });

  it('tells where a point is missing for the first time', () => {
    expect(recordings[1].firstMissing).toEqual([
      [0, null],
      [null, null],
    ]);
  });

  it('counts gaps and the jumps of each point', () => {
    expect(recordings.map(({ gaps }) => gaps)).toEqual([
      { count: 0, longestFrames: 0 },
      { count: 1, longestFrames: 6 },
      { count: 0, longestFrames: 0 },
    ]);
    expect(recordings[1].jumps).toEqual([
      [0, 0],
      [0, 2],
    ]);
  });

  it('knows units and the picture only where somebody has said them', async () => {
    expect([recordings[2].bodyLength, recordings[2].pointsOutside]).toEqual([null, null]);
    const camera = { frameSize: [300, 100], pixelsPerUnit: 4, unit: 'cm' } as const;
    const moving = recording(
      'm',
      'all',
      (frame, points) => {
        for (const point of points) point[0] += 15 * frame;
      },
      [],
    );
    const found = await inspectDataset(createMemoryDataset({ ...header, camera }, [moving]), options);
    // 200 + 15 frame > 300 from frame 7 on, 210 + 15 frame from frame 7 on: three frames each
    expect([found.recordings[0].bodyLength, found.recordings[0].pointsOutside]).toEqual([2.5, 6]);
    expect(found.warnings[0]).toMatchObject({ kind: 'outside', recording: 'm', count: 6 });
  });

  it('counts labels per subset and class', () => {
    expect(tracks).toEqual([
      {
        name: 't',
        vocabulary: ['other', 'attack', 'bite'],
        subsets: [
          {
            name: 'train',
            recordings: 2,
            unannotatedFrames: 5,
            frames: [13, 2, 0],
            recordingsWith: [2, 1, 0],
            firstWith: ['swap', 'swap', null],
          },
        ],
      },
    ]);
  });

  it('warns with recording and frame', () => {
    expect(warnings.map(({ kind, recording, frame }) => [kind, recording, frame])).toEqual([
      ['jumps', 'swap', 4],
      ['swaps', 'swap', 4],
      ['missing', 'jump', 0],
      ['jumps', 'jump', 7],
      ['one-recording', 'swap', undefined],
      ['no-positives', undefined, undefined],
    ]);
    expect(warnings[2].message).toBe('a is often missing: nose 60 %');
    expect(warnings[0]).toMatchObject({ file: 'swap', count: 1, keypoints: ['nose', 'tail'] });
    expect(warnings[3]).toMatchObject({ file: 'jump', count: 2, keypoints: ['tail'] });
    expect(warnings[3].message).toBe('points jump by more than 2 body lengths in 2 frames (tail 2)');
    expect(warnings[5].message).toBe('no frame of train is bite in track t');
  });
});
