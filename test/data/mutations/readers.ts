import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { unpackZip } from '../../../src/data/archive/unpack-zip.js';
import { readBentoAnnotations, writeBentoAnnotations } from '../../../src/data/formats/bento-annotations.js';
import { readBorisEvents, writeBorisEvents } from '../../../src/data/formats/boris.js';
import { type AnnotationStream, toStream } from '../../../src/data/formats/bouts.js';
import { OWN_BOUTS_CSV, readBoutsCsv, writeBoutsCsv } from '../../../src/data/formats/bouts-csv.js';
import { readCalms21, readCalms21Npy, readTaskprogFeatures } from '../../../src/data/formats/calms21.js';
import {
  readCaltechAnnotations,
  writeCaltechAnnotations,
} from '../../../src/data/formats/caltech-annotations.js';
import { readDeepLabCutCsv } from '../../../src/data/formats/deeplabcut-csv.js';
import { OWN_FRAMES_CSV, readFramesCsv, writeFramesCsv } from '../../../src/data/formats/frames-csv.js';
import { readMarsFeatures } from '../../../src/data/formats/mars-features.js';
import { collectNpy, formatNpz, readNpy, readNpz } from '../../../src/data/formats/npy.js';
import { readNumpyPoses } from '../../../src/data/formats/numpy-poses.js';
import { readChunks, readText } from '../../../src/data/formats/read-chunks.js';
import type { TrackedPoses } from '../../../src/data/formats/tracked-poses.js';
import { packZip } from '../../../src/data/formats/zip-entries.js';
import type { DatasetHeader, Recording } from '../../../src/data/pose.js';
import { ARRAY_FILES, DESCRIPTION_FILE } from '../../../src/data/store/array-files.js';
import { assertRecordingId, checkRecording } from '../../../src/data/store/check-recording.js';
import { openDataset } from '../../../src/data/store/open-dataset.js';
import { verifyDataset } from '../../../src/data/store/verify-dataset.js';
import { importBuilt } from '../../commands/dist.js';
import { exampleSequence, SOCIAL_VOCAB } from '../formats/calms21-text.js';
import { EXAMPLE_HEADER } from '../store/example-source.js';
import type { FileKind } from './mutate.js';

/** A reader with a good file of its format. */
export interface ReaderCase {
  readonly name: string;
  readonly kind: FileKind;
  /** The name that a file of this format has. */
  readonly fileName: string;
  readonly base: Buffer;
  /** Reads the file in the folder; throws an Error that is no UserError for results that can't be right. */
  readonly read: (path: string) => Promise<unknown>;
}

const { readHdf5Poses } = await importBuilt<typeof import('../../../src/data/formats/read-hdf5-poses.js')>(
  'data/formats/read-hdf5-poses.js',
);

/** Some damaged files keep the library busy for ever. */
const HDF5_LIMIT_MS = 3000;

const golden = (name: string) => readFileSync(join(import.meta.dirname, '../formats/golden', name));

const MOUSE = 'task1/train/mouse001_task1_annotator1';
const json = JSON.stringify({
  'annotator-id_0': {
    [MOUSE]: exampleSequence(2, 1, SOCIAL_VOCAB),
    'task1/train/mouse002': exampleSequence(1, 2, SOCIAL_VOCAB),
  },
});
const taskprog = JSON.stringify({
  'annotator-id_0': {
    [MOUSE]: { features: [0, 1].map((frame) => Array.from({ length: 32 }, (_, at) => frame + at / 7)) },
  },
});

const track = {
  name: 'S1',
  vocabulary: ['other', 'attack', 'sniff face'],
  labels: Int16Array.from({ length: 60 }, (_, frame) => [-1, 0, 1, 2, 0][Math.floor(frame / 12)]),
};
const stream = toStream(track);
const recording = { id: 'mouse one', frames: 60, framesPerSecond: 30 };
const boris = { framesPerSecond: 30, timeOffsetSeconds: 'file' } as const;
const aggregated =
  'Observation id,Observation date,Description,Media file,Total length,FPS,Subject,Behavior,Behavioral category,Modifiers,' +
  'Behavior type,Start (s),Stop (s),Duration (s),Comment start,Comment stop\n' +
  'o1,2020-01-01,,a.avi,60.0,30.0,m,attack,,,STATE,1.0,1.5,0.5,,\n' +
  'o1,2020-01-01,,a.avi,60.0,30.0,m,sniff face,,,POINT,1.75,1.75,0,,\n';

const multi = [
  'scorer,s,s,s,s,s,s,s,s,s,s,s,s',
  'individuals,m1,m1,m1,m1,m1,m1,m2,m2,m2,m2,m2,m2',
  'bodyparts,nose,nose,nose,tail,tail,tail,nose,nose,nose,tail,tail,tail',
  'coords,x,y,likelihood,x,y,likelihood,x,y,likelihood,x,y,likelihood',
  '0,1.5,2,0.9,3,4,0.5,,,,5.25,6e1,1',
  '1,1.75,2,0.9,3,4,0.5,9,8,0.1,5.5,60.125,1.0',
  '',
].join('\n');
const single = [
  'scorer,s,s,s,s,s,s',
  'bodyparts,nose,nose,nose,tail,tail,tail',
  'coords,x,y,likelihood,x,y,likelihood',
  '0,1.5,2,0.9,3,4,0.5',
  '1,,,,0.0,0.0,0.25',
  '',
].join('\n');

const poses = new Map([
  ['keypoints', { shape: [2, 2, 2, 3], data: Float64Array.from({ length: 24 }, (_, at) => at / 3) }],
  ['scores', { shape: [2, 2, 3], data: Float32Array.from({ length: 12 }, (_, at) => at / 12) }],
]);
const numpyLayout = {
  arrays: { pose: 'keypoints', scores: 'scores' },
  axes: ['frame', 'animal', 'space', 'keypoint'],
  animalNames: ['a', 'b'],
  keypointNames: ['nose', 'neck', 'tail'],
} as const;

const zip = packZip([
  { name: 'part/a.json', bytes: Buffer.from('{"a": 1}') },
  { name: 'part/b/c.txt', bytes: Buffer.from('some text that is a little longer') },
  { name: 'readme.md', bytes: Buffer.from('# Read me') },
]);

const CALMS21_HEADER: DatasetHeader = {
  ...EXAMPLE_HEADER,
  tracks: [{ name: 'task1', vocabulary: ['attack', 'investigation', 'mount', 'other'] }],
};

/** The files of a data set folder by name. */
type StoreFiles = Readonly<Record<string, Buffer>>;

/** All readers of files. `store` is a folder with a whole data set. */
export function readerCases(store: string): ReaderCase[] {
  const files: StoreFiles = Object.fromEntries(
    [DESCRIPTION_FILE, ...ARRAY_FILES].map((name) => [name, readFileSync(join(store, name))]),
  );
  const text = (
    kind: FileKind,
    name: string,
    fileName: string,
    base: string,
    read: (text: string) => AnnotationStream[],
  ) => ({
    name,
    kind,
    fileName,
    base: Buffer.from(base),
    read: async (path: string) => checkStreams(read(await readText(path))),
  });
  const file = (
    name: string,
    fileName: string,
    base: Uint8Array,
    read: (path: string) => Promise<unknown>,
    kind: FileKind = 'binary',
  ) => ({
    name,
    kind,
    fileName,
    base: Buffer.from(base),
    read,
  });
  const task1 = { task: 1, split: 'train' } as const;
  return [
    file(
      'CalMS21 JSON',
      'a.json',
      Buffer.from(json),
      async (path) => checkRecordings(await all(readCalms21(readChunks(path), path, task1))),
      'json',
    ),
    file(
      'task-programming features',
      'f.json',
      Buffer.from(taskprog),
      async (path) => checkFeatures(await all(readTaskprogFeatures(readChunks(path), path))),
      'json',
    ),
    file('MARS features', 'm.npz', golden('mars.npz'), async (path) =>
      checkMars(await readMarsFeatures(path)),
    ),
    file('CalMS21 npy', 'c.npy', golden('calms21_task1_train.npy'), async (path) =>
      checkRecordings([...readCalms21Npy(await collectNpy(readChunks(path), path), path, task1)]),
    ),
    file('npy', 'n.npy', golden('f8-fortran.npy'), readNpy),
    file('npz', 'z.npz', golden('packed.npz'), (path) => readNpz(path)),
    file('NumPy poses', 'p.npz', formatNpz(poses), async (path) =>
      checkPoses(await readNumpyPoses(path, numpyLayout)),
    ),
    file(
      'DeepLabCut csv, multi-animal',
      'd.csv',
      Buffer.from(multi),
      async (path) => checkPoses(await readDeepLabCutCsv(readChunks(path), path)),
      'table',
    ),
    file(
      'DeepLabCut csv, single animal',
      's.csv',
      Buffer.from(single),
      async (path) => checkPoses(await readDeepLabCutCsv(readChunks(path), path)),
      'table',
    ),
    file('DeepLabCut h5, fixed', 'd.h5', golden('dlc-fixed.h5'), async (path) =>
      checkPoses(await readHdf5Poses('deeplabcut-h5', path, HDF5_LIMIT_MS)),
    ),
    file('DeepLabCut h5, table', 't.h5', golden('dlc-table.h5'), async (path) =>
      checkPoses(await readHdf5Poses('deeplabcut-h5', path, HDF5_LIMIT_MS)),
    ),
    file('SLEAP h5', 'l.h5', golden('sleap-standard.h5'), async (path) =>
      checkPoses(await readHdf5Poses('sleap-h5', path, HDF5_LIMIT_MS)),
    ),
    text('table', 'BORIS, tabular', 'b.csv', writeBorisEvents([stream], recording), (content) =>
      readBorisEvents(content, 'b.csv', boris),
    ),
    text('table', 'BORIS, aggregated', 'g.csv', aggregated, (content) =>
      readBorisEvents(content, 'g.csv', boris),
    ),
    text('table', 'Caltech', 'c.txt', writeCaltechAnnotations([stream]), (content) =>
      readCaltechAnnotations(content, 'c.txt'),
    ),
    text('table', 'Bento', 'b.annot', writeBentoAnnotations([stream], recording), (content) =>
      readBentoAnnotations(content, 'b.annot'),
    ),
    text('table', 'frames csv', 'f.csv', writeFramesCsv([track]), (content) =>
      readFramesCsv(content, 'f.csv', OWN_FRAMES_CSV),
    ),
    text('table', 'bouts csv', 'o.csv', writeBoutsCsv([stream]), (content) =>
      readBoutsCsv(content, 'o.csv', OWN_BOUTS_CSV, 30),
    ),
    file('zip archive', 'a.zip', zip, (path) => unpackBeside(path)),
    ...Object.entries(files).map(([name, bytes]) =>
      file(
        `store: ${name}`,
        name,
        bytes,
        (path) => readStoreWith(files, path),
        name === 'dataset.json' ? 'description' : 'binary',
      ),
    ),
  ];
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

function assert(condition: boolean, what: string): void {
  if (!condition) throw new Error(`a result that can't be right: ${what}`);
}

function checkPoses(found: TrackedPoses): TrackedPoses {
  const points = found.frames * found.animals.length * found.keypoints.length;
  assert(found.frames > 0 && found.pose.length === 2 * points, 'lengths of the pose');
  assert(found.scores === undefined || found.scores.length === points, 'lengths of the scores');
  return found;
}

function checkRecordings(found: Recording[]): Recording[] {
  for (const one of found)
    try {
      checkRecording(one, CALMS21_HEADER);
    } catch (error) {
      // coordinates beyond float32 are for the store to refuse
      assert(/must be finite/.test((error as Error).message), (error as Error).message);
    }
  return found;
}

function checkFeatures<Found extends { id: string; frames: number; features: Float32Array }>(
  found: Found[],
): Found[] {
  for (const { id, frames, features } of found) {
    assertRecordingId(id);
    assert(features.length === 32 * frames, 'lengths of the features');
  }
  return found;
}

function checkMars(found: Awaited<ReturnType<typeof readMarsFeatures>>) {
  assert(found.features.length === found.frames * 2 * found.featureNames.length, 'lengths of the features');
  return found;
}

function checkStreams(streams: AnnotationStream[]): AnnotationStream[] {
  for (const { bouts } of streams)
    for (const { start, stop } of bouts)
      assert(
        Number.isInteger(start) && Number.isInteger(stop) && 0 <= start && start <= stop,
        `[${start}, ${stop})`,
      );
  return streams;
}

/** Unpacks an archive into a folder of its own, which is all that may be written. */
async function unpackBeside(path: string): Promise<unknown> {
  const folder = `${path}-unpacked`;
  try {
    const files = await unpackZip(path, folder);
    return files.map((found) => {
      assert(found.path.startsWith(`${folder}/`), found.path);
      return readFileSync(found.path, 'latin1');
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Opens, reads and verifies a data set in which one file is another. */
async function readStoreWith(whole: StoreFiles, path: string): Promise<unknown> {
  const folder = `${path}-store`;
  mkdirSync(folder);
  try {
    for (const [name, bytes] of Object.entries(whole))
      writeFileSync(join(folder, name), name === basename(path) ? readFileSync(path) : bytes);
    const dataset = openDataset(folder);
    try {
      for (const [index, { frames, tracks }] of dataset.recordings.entries()) {
        dataset.readPose(index, 0, frames);
        dataset.readScores(index, 0, frames);
        for (const name of tracks) dataset.readLabels(index, name, 0, frames);
      }
    } finally {
      dataset.close();
    }
    await verifyDataset(folder);
    return dataset.header;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
