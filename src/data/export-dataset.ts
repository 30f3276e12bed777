import { mkdir, open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../errors.js';
import { writeBentoAnnotations } from './formats/bento-annotations.js';
import { writeBorisEvents } from './formats/boris.js';
import { toStream } from './formats/bouts.js';
import { writeBoutsCsv } from './formats/bouts-csv.js';
import { type Calms21Place, inferCalms21File, placeOfSubset } from './formats/calms21-layout.js';
import { writeCaltechAnnotations } from './formats/caltech-annotations.js';
import { writeFramesCsv } from './formats/frames-csv.js';
import { formatNpz, type NumpyArray } from './formats/npy.js';
import { formatDeepLabCutCsv } from './formats/write-deeplabcut-csv.js';
import { formatPickledNpy, type Picklable } from './formats/write-pickle.js';
import type { Labels, TrackDeclaration } from './pose.js';
import type { Dataset, RecordingEntry } from './store/dataset.js';
import {
  describeWriteError,
  listFolder,
  placeFolder,
  removeFolder,
  startFolder,
} from './store/place-folder.js';

/**
 * `calms21-npy`: what the official script of CalMS21 (`calms21_convert_to_npy.py`) makes of its JSON files.
 * `csv`: per recording `poses/ID.csv` (DeepLabCut) and `labels/ID.csv` (a line a frame, or another format of labels).
 * `npz`: per recording `ID.npz` with `keypoints` [frame, animal, space, keypoint], `scores` [frame, animal, keypoint]
 * and `labels/TRACK` [frame] (-1: unannotated); `header.json` names animals, keypoints and classes.
 */
export const EXPORT_FORMATS = ['calms21-npy', 'csv', 'npz'] as const;
/** One of `EXPORT_FORMATS`. */
export type DatasetExportFormat = (typeof EXPORT_FORMATS)[number];

/** The formats of label files beside the poses of `csv`, with the ending that follows a recording's id. */
export const LABEL_ENDINGS = {
  'frames-csv': '.csv',
  'bouts-csv': '.csv',
  boris: '.csv',
  caltech: '.txt',
  bento: '.annot',
} as const;
/** How labels are written beside csv poses. */
export type LabelFormat = keyof typeof LABEL_ENDINGS;

export interface DatasetExportOptions {
  readonly format: DatasetExportFormat;
  /** Of the label files of `csv`; the other formats hold their labels themselves. */
  readonly labels?: LabelFormat;
  readonly onProgress?: (progress: { readonly framesDone: number; readonly framesTotal: number }) => void;
}

/**
 * Writes a data set's recordings for other programs into a new folder; holds one recording in memory.
 * @returns the files, relative to `folder`
 * @throws UserError where the folder isn't empty or can't be written, and for recordings that the format can't hold
 */
export async function exportDataset(
  dataset: Dataset,
  folder: string,
  { format, labels = 'frames-csv', onProgress }: DatasetExportOptions,
): Promise<string[]> {
  if (listFolder(folder).length > 0)
    throw new UserError('data', `${folder} is not empty`, { hint: 'Choose a new folder.' });
  const framesTotal = dataset.recordings.reduce((sum, { frames }) => sum + frames, 0);
  let framesDone = 0;
  const onRecording = (index: number) => {
    framesDone += dataset.recordings[index].frames;
    onProgress?.({ framesDone, framesTotal });
  };
  const partial = await startFolder(folder);
  const files: string[] = [];
  try {
    for (const { name, pieces } of FORMATS[format](dataset, onRecording, labels)) {
      await writePieces(join(partial, name), pieces);
      files.push(name);
    }
    if (!(await placeFolder(partial, folder, false)))
      throw new UserError('data', `${folder} was filled by another process meanwhile`);
  } catch (error) {
    await removeFolder(partial);
    throw describeWriteError(error, folder);
  }
  return files;
}

/** A file that is made while it is written. */
interface ExportFile {
  readonly name: string;
  readonly pieces: Iterable<Uint8Array | string>;
}

type ExportFiles = (
  dataset: Dataset,
  onRecording: (index: number) => void,
  labels: LabelFormat,
) => Iterable<ExportFile>;

const FORMATS: Readonly<Record<DatasetExportFormat, ExportFiles>> = {
  'calms21-npy': calms21Files,
  csv: csvFiles,
  npz: npzFiles,
};

function* calms21Files(dataset: Dataset, onRecording: (index: number) => void): Generator<ExportFile> {
  const { skeleton, animals } = dataset.header;
  if (animals.names.length !== 2 || skeleton.keypoints.length !== 7)
    throw new UserError('data', `${dataset.folder} is not CalMS21: that is two animals of seven keypoints`, {
      hint: 'The formats csv and npz take any data set.',
    });
  const files = new Map<string, Map<string, { index: number; place: Calms21Place }[]>>();
  for (const [index, entry] of dataset.recordings.entries()) {
    const place = placeOfSubset(entry.subset);
    if (!place)
      throw new UserError('data', `${entry.id}: CalMS21 has no subset ${entry.subset}`, {
        hint: 'The formats csv and npz take any data set.',
      });
    const name = `${calms21Name(entry, place)}.npy`;
    const groups = files.get(name) ?? new Map<string, { index: number; place: Calms21Place }[]>();
    groups.set(place.group, [...(groups.get(place.group) ?? []), { index, place }]);
    files.set(name, groups);
  }
  function* sequences(members: readonly { index: number; place: Calms21Place }[]) {
    for (const { index, place } of members) {
      yield [dataset.recordings[index].id, calms21Sequence(dataset, index, place)] as const;
      onRecording(index);
    }
  }
  for (const [name, groups] of files) {
    const dictionary = [...groups].map(([group, members]) => [group, sequences(members)] as const);
    yield { name, pieces: formatPickledNpy(dictionary) };
  }
}

/** The name of the file that the recording came from where that is one of CalMS21's, else as it would be. */
function calms21Name({ source }: RecordingEntry, { file }: Calms21Place): string {
  const own = inferCalms21File(source.file);
  if (own && own.task === file.task && own.split === file.split)
    return basename(source.file).replace(/\.(json(\.gz)?|npy)$/i, '');
  return file.task === 'unlabelled' ? 'calms21_unlabeled_videos' : `calms21_task${file.task}_${file.split}`;
}

/** As the official script has it: float64, int64. */
function calms21Sequence(
  dataset: Dataset,
  index: number,
  { annotatorId }: Calms21Place,
): ReadonlyMap<string, Picklable> {
  const { frames, tracks } = dataset.recordings[index];
  const keypoints = Float64Array.from(bySpace(dataset.readPose(index, 0, frames), 7));
  const scores = Float64Array.from(dataset.readScores(index, 0, frames));
  const sequence = new Map<string, Picklable>([
    ['keypoints', { shape: [frames, 2, 2, 7], data: keypoints }],
    ['scores', { shape: [frames, 2, 7], data: scores }],
  ]);
  const track = dataset.header.tracks.find(({ name }) => tracks.includes(name));
  if (!track) return sequence;
  const labels = dataset.readLabels(index, track.name, 0, frames);
  const vocab = new Map(track.vocabulary.map((behaviour, label) => [behaviour, label]));
  return sequence.set('annotations', { shape: [frames], data: BigInt64Array.from(labels, BigInt) }).set(
    'metadata',
    new Map<string, Picklable>([
      ['annotator-id', annotatorId],
      ['vocab', vocab],
    ]),
  );
}

function* csvFiles(
  dataset: Dataset,
  onRecording: (index: number) => void,
  labels: LabelFormat,
): Generator<ExportFile> {
  const { animals, skeleton, tracks } = dataset.header;
  for (const [index, recording] of dataset.recordings.entries()) {
    const { id, frames, hasScores, tracks: annotated } = recording;
    const poses = {
      animals: animals.names,
      keypoints: skeleton.keypoints,
      frames,
      pose: dataset.readPose(index, 0, frames),
      ...(hasScores && { scores: dataset.readScores(index, 0, frames) }),
    };
    yield { name: `poses/${id}.csv`, pieces: formatDeepLabCutCsv(poses, 'whisker') };
    const own = tracks
      .filter(({ name }) => annotated.includes(name))
      .map((track) => ({ ...track, labels: dataset.readLabels(index, track.name, 0, frames) }));
    if (own.length > 0)
      yield {
        name: `labels/${id}${LABEL_ENDINGS[labels]}`,
        pieces: [LABEL_WRITERS[labels](own, recording)],
      };
    onRecording(index);
  }
}

type LabelledTrack = TrackDeclaration & { readonly labels: Labels };

const LABEL_WRITERS: Readonly<
  Record<LabelFormat, (tracks: readonly LabelledTrack[], recording: RecordingEntry) => string>
> = {
  'frames-csv': writeFramesCsv,
  'bouts-csv': (tracks) => writeBoutsCsv(tracks.map(toStream)),
  boris: (tracks, recording) => writeBorisEvents(tracks.map(toStream), recording),
  caltech: (tracks) => writeCaltechAnnotations(tracks.map(toStream)),
  bento: (tracks, recording) => writeBentoAnnotations(tracks.map(toStream), recording),
};

function* npzFiles(dataset: Dataset, onRecording: (index: number) => void): Generator<ExportFile> {
  const { animals, skeleton, tracks } = dataset.header;
  const [animalCount, keypointCount] = [animals.names.length, skeleton.keypoints.length];
  for (const [index, { id, frames, hasScores, tracks: annotated }] of dataset.recordings.entries()) {
    const pose = bySpace(dataset.readPose(index, 0, frames), keypointCount);
    const arrays = new Map<string, NumpyArray>([
      ['keypoints', { shape: [frames, animalCount, 2, keypointCount], data: pose }],
    ]);
    if (hasScores) {
      const data = Float32Array.from(dataset.readScores(index, 0, frames));
      arrays.set('scores', { shape: [frames, animalCount, keypointCount], data });
    }
    for (const { name } of tracks.filter((track) => annotated.includes(track.name))) {
      const data = Int16Array.from(dataset.readLabels(index, name, 0, frames));
      arrays.set(`labels/${name}`, { shape: [frames], data });
    }
    yield { name: `${id}.npz`, pieces: [formatNpz(arrays)] };
    onRecording(index);
  }
  yield { name: 'header.json', pieces: [`${JSON.stringify(dataset.header, null, 2)}\n`] };
}

/** [..., keypoint, space] to [..., space, keypoint] */
function bySpace(pose: Float32Array, keypointCount: number) {
  const turned = new Float32Array(pose.length);
  for (let body = 0; body < pose.length; body += 2 * keypointCount)
    for (let keypoint = 0; keypoint < keypointCount; keypoint++) {
      turned[body + keypoint] = pose[body + 2 * keypoint];
      turned[body + keypointCount + keypoint] = pose[body + 2 * keypoint + 1];
    }
  return turned;
}

const PIECE_BYTES = 1 << 20;

/** Writes pieces to a new file, small ones together. */
async function writePieces(path: string, pieces: Iterable<Uint8Array | string>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const handle = await open(path, 'wx');
  try {
    let waiting: Uint8Array[] = [];
    let bytes = 0;
    for (const piece of pieces) {
      const chunk = typeof piece === 'string' ? Buffer.from(piece) : piece;
      waiting.push(chunk);
      bytes += chunk.length;
      if (bytes < PIECE_BYTES) continue;
      await handle.appendFile(Buffer.concat(waiting));
      [waiting, bytes] = [[], 0];
    }
    await handle.appendFile(Buffer.concat(waiting));
    await handle.sync();
  } finally {
    await handle.close();
  }
}
