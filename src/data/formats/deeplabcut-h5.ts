import { UserError } from '../../errors.js';
import { SINGLE_ANIMAL } from './deeplabcut-csv.js';
import { decodeName, type Hdf5Group, type OpenHdf5, readHdf5 } from './hdf5.js';
import { parsePickle } from './pickle.js';
import { forgetOrigin, type TrackedPoses } from './tracked-poses.js';

/** One column of the table: its names from the outermost level on, e.g. scorer, individual, body part, coordinate. */
type ColumnNames = readonly string[];

interface Table {
  readonly columns: readonly ColumnNames[];
  readonly frames: number;
  /** [frame, column] */
  readonly values: Float32Array;
}

/** Rows of a compound table are read in pieces of this many. */
const PIECE_FRAMES = 4096;

/**
 * Reads a DeepLabCut HDF5 file: a pandas table of either kind (`table` as DeepLabCut writes it, `fixed` as
 * `DataFrame.to_hdf` does by default), single- or multi-animal. Points at exactly (0, 0) are missing. Needs
 * the optional package h5wasm. Throws a UserError where that or something in the file is missing.
 */
export function readDeepLabCutH5(path: string): Promise<TrackedPoses> {
  return readHdf5(path, 'DeepLabCut table', (file) => {
    const group = findFrame(file.root, path);
    const kind = String(group.attrs.pandas_type.value);
    const table =
      kind === 'frame_table' ? readTableKind(file, group, path) : readFixedKind(file, group, path);
    return toPoses(table, path);
  });
}

function findFrame(file: Hdf5Group, path: string): Hdf5Group {
  const frames = file.keys().filter((key) => /^frame/.test(String(file.get(key)?.attrs.pandas_type?.value)));
  if (frames.length !== 1)
    throw new UserError(
      'data',
      `${path} holds ${frames.length} pandas tables (${file.keys().join(', ')}), expected one`,
    );
  return file.get(frames[0]) as Hdf5Group;
}

/** `format='table'`: rows of (index, values_block_0, ...), the columns' names pickled in attributes. */
function readTableKind(file: OpenHdf5, group: Hdf5Group, path: string): Table {
  const table = file.dataset(group, 'table');
  const names: ColumnNames[] = [];
  for (let block = 0; table.attrs[`values_block_${block}_kind`]; block++) {
    const text = String(table.attrs[`values_block_${block}_kind`].value);
    const items = parsePickle(Buffer.from(text, 'latin1'), path);
    if (!Array.isArray(items))
      throw new UserError('data', `${path}: the names of the columns cannot be read`);
    for (const item of items) names.push(Array.isArray(item) ? item.map(String) : [String(item)]);
  }
  const frames = table.shape[0];
  const values = new Float32Array(frames * names.length);
  for (let start = 0; start < frames; start += PIECE_FRAMES) {
    const rows = table.slice([[start, Math.min(frames, start + PIECE_FRAMES)]]);
    for (let at = 0; at < rows.length; at++) {
      const [index, ...blocks] = rows[at] as [unknown, ...ArrayLike<number>[]];
      checkFrame(index, start + at, path);
      const row = blocks.flatMap((block) => Array.from(block));
      if (row.length !== names.length)
        throw new UserError('data', `${path}: ${row.length} columns, but ${names.length} names`);
      values.set(row, (start + at) * names.length);
    }
  }
  return { columns: names, frames, values };
}

/** `format='fixed'`: blocks of values, the columns' names as levels (the names) and labels (which one). */
function readFixedKind(file: OpenHdf5, group: Hdf5Group, path: string): Table {
  const index = file.dataset(group, 'axis1').value;
  for (let frame = 0; frame < index.length; frame++) checkFrame(index[frame], frame, path);
  const frames = index.length;
  const blocks = Array.from({ length: Number(group.attrs.nblocks.value) }, (_, block) => ({
    columns: readLevels(file, group, `block${block}_items`),
    data: file.dataset(group, `block${block}_values`),
  }));
  const columns = blocks.flatMap((block) => block.columns);
  const values = new Float32Array(frames * columns.length);
  let first = 0;
  for (const { columns: own, data } of blocks) {
    if (data.shape[0] !== frames || data.shape[1] !== own.length)
      throw new UserError(
        'data',
        `${path}: values of shape (${data.shape.join(', ')}), expected (${frames}, ${own.length})`,
      );
    const flat = data.value;
    for (let at = 0; at < flat.length; at++) {
      const [frame, column] = [Math.floor(at / own.length), at % own.length];
      values[frame * columns.length + first + column] = Number(flat[at]);
    }
    first += own.length;
  }
  return { columns, frames, values };
}

function readLevels(file: OpenHdf5, group: Hdf5Group, prefix: string): ColumnNames[] {
  const levels = Array.from({ length: Number(group.attrs[`${prefix}_nlevels`]?.value ?? 0) }, (_, level) => {
    const names = file.dataset(group, `${prefix}_level${level}`).value;
    return Array.from(file.dataset(group, `${prefix}_label${level}`).value, (at) =>
      decodeName(names[Number(at)]),
    );
  });
  return (levels[0] ?? []).map((_, column) => levels.map((level) => level[column]));
}

function checkFrame(index: unknown, frame: number, path: string): void {
  if (Number(index) !== frame)
    throw new UserError('data', `${path}: expected frame ${frame} as the row's index, got ${String(index)}`, {
      hint: 'Labelled images are no recording; give the file of a whole video.',
    });
}

function toPoses({ columns, frames, values }: Table, path: string): TrackedPoses {
  const levels = columns[0]?.length;
  if (frames === 0 || (levels !== 3 && levels !== 4))
    throw new UserError(
      'data',
      `${path}: expected columns of scorer, (individual,) body part and coordinate`,
    );
  const places = columns.map((names) => ({
    animal: levels === 4 ? names[1] : SINGLE_ANIMAL,
    keypoint: names[levels - 2],
    coordinate: names[levels - 1],
  }));
  const animals = [...new Set(places.map(({ animal }) => animal))];
  const keypoints = [...new Set(places.map(({ keypoint }) => keypoint))];
  const points = animals.length * keypoints.length;
  const pose = new Float32Array(frames * points * 2).fill(Number.NaN);
  const scores = new Float32Array(frames * points);
  for (const [column, { animal, keypoint, coordinate }] of places.entries()) {
    const point = animals.indexOf(animal) * keypoints.length + keypoints.indexOf(keypoint);
    if (!['x', 'y', 'likelihood'].includes(coordinate))
      throw new UserError('data', `${path}: expected the coordinates x, y and likelihood, got ${coordinate}`);
    for (let frame = 0; frame < frames; frame++) {
      const value = values[frame * columns.length + column];
      const at = frame * points + point;
      if (coordinate === 'likelihood') scores[at] = Number.isNaN(value) ? 0 : value;
      else pose[2 * at + (coordinate === 'x' ? 0 : 1)] = value;
    }
  }
  const hasScores = places.some(({ coordinate }) => coordinate === 'likelihood');
  return { animals, keypoints, frames, pose: forgetOrigin(pose), ...(hasScores && { scores }) };
}
