import { type DatasetHeader, type Labels, MOUSE_SKELETON, type Recording } from '../../../src/data/pose.js';
import type { DatasetSource, RecordingEntry } from '../../../src/data/store/dataset.js';
import { seededRandom } from '../../../src/random.js';

export const EXAMPLE_HEADER: DatasetHeader = {
  name: 'example',
  skeleton: MOUSE_SKELETON,
  animals: { names: ['resident', 'intruder'], identity: 'ordered' },
  tracks: [
    { name: 'task1', vocabulary: ['attack', 'investigation', 'mount', 'other'] },
    { name: 'task3/approach', vocabulary: ['other', 'approach'] },
  ],
};

export type SourceRecording = Recording & { readonly source: RecordingEntry['source'] };

/** A recording of random poses; `changes` replaces parts of it. */
export function exampleRecording(
  id: string,
  frames: number,
  changes: Partial<SourceRecording> = {},
): SourceRecording {
  const random = seededRandom(7, id);
  const pose = Float32Array.from({ length: frames * 28 }, () => random.uniform() * 1000);
  const scores = Float32Array.from({ length: frames * 14 }, () => random.uniform());
  const labels = new Map<string, Labels>([
    ['task1', Int16Array.from({ length: frames }, () => random.integer(5) - 1)],
  ]);
  const source = { file: `${id}.json`, sha256: 'ab' };
  return { id, subset: 'task1/train', frames, framesPerSecond: 30, pose, scores, labels, source, ...changes };
}

/** A source whose recordings can be read once. */
export function exampleSource(
  recordings: readonly SourceRecording[],
  header = EXAMPLE_HEADER,
): DatasetSource {
  return { header, recordings };
}
