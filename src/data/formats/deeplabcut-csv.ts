import { UserError } from '../../errors.js';
import { ByteScanner, type ScanError } from './byte-scanner.js';
import { drainScan, NEED_MORE, type NeedMore } from './scan.js';
import { forgetOrigin, type TrackedPoses } from './tracked-poses.js';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const COMMA = 0x2c;
const MINUS = 0x2d;

/** The name of the only animal of a file that names none. */
export const SINGLE_ANIMAL = 'animal';

/**
 * Reads a DeepLabCut table (csv, single- or multi-animal), of any length. Header rows: scorer, individuals (multi-
 * animal only), bodyparts, coords; then one row a frame, its number first, from 0. Empty cells and points at exactly (0, 0) are
 * missing.
 *
 * @param chunks the bytes of the file, see `readChunks`
 * @param path names the file in errors
 * @throws UserError with line and what was expected
 */
export async function readDeepLabCutCsv(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
): Promise<TrackedPoses> {
  const scanner = new ByteScanner();
  const place = { line: 1 };
  const explain = (error: ScanError) =>
    new UserError('data', `${path}, line ${place.line} (byte ${error.offset}): ${error.message}`, {
      hint: 'Expected a DeepLabCut table as written by analyze_videos or convert_detections2tracklets (csv).',
    });
  for await (const poses of drainScan(scanner, scanTable(scanner, place), chunks, explain)) return poses;
  throw new Error('a table yields once or throws');
}

interface Column {
  readonly animal: number;
  readonly keypoint: number;
  readonly coordinate: 'x' | 'y' | 'likelihood';
}

function* scanTable(scanner: ByteScanner, place: { line: number }): Generator<NeedMore | TrackedPoses, void> {
  const header = yield* scanHeader(scanner, place);
  const { animals, keypoints, columns } = header;
  const points = animals.length * keypoints.length;
  const hasScores = columns.some((column) => column.coordinate === 'likelihood');
  // where each column's value goes, in a row of x, y of all points and then the scores of all points
  const slots = Int32Array.from(columns, ({ animal, keypoint, coordinate }) => {
    const point = animal * keypoints.length + keypoint;
    return coordinate === 'likelihood' ? 2 * points + point : 2 * point + (coordinate === 'x' ? 0 : 1);
  });
  let table = new Float32Array(1024 * points * 3).fill(Number.NaN);
  let frames = 0;
  for (;;) {
    const lineEnd = yield* findLineEnd(scanner);
    if (lineEnd < 0) break;
    if (!isBlank(scanner, lineEnd)) {
      if ((frames + 1) * points * 3 > table.length) {
        const larger = new Float32Array(table.length * 2).fill(Number.NaN);
        larger.set(table);
        table = larger;
      }
      readRow(
        scanner,
        lineEnd,
        frames,
        slots,
        table.subarray(frames * points * 3, (frames + 1) * points * 3),
      );
      frames++;
    }
    scanner.position = Math.min(lineEnd + 1, scanner.end);
    place.line++;
  }
  if (frames === 0) scanner.fail('the table has no frames');
  yield { animals, keypoints, frames, ...splitTable(table, frames, points, hasScores) };
}

function splitTable(
  table: Float32Array,
  frames: number,
  points: number,
  hasScores: boolean,
): { pose: Float32Array; scores?: Float32Array } {
  const pose = new Float32Array(frames * points * 2);
  const scores = new Float32Array(frames * points);
  for (let frame = 0; frame < frames; frame++) {
    const start = frame * points * 3;
    pose.set(table.subarray(start, start + points * 2), frame * points * 2);
    for (let point = 0; point < points; point++) {
      const score = table[start + points * 2 + point];
      scores[frame * points + point] = Number.isNaN(score) ? 0 : score;
    }
  }
  forgetOrigin(pose);
  return hasScores ? { pose, scores } : { pose };
}

/** Reads the header rows; the rows are known by their first cell. */
function* scanHeader(
  scanner: ByteScanner,
  place: { line: number },
): Generator<NeedMore, { animals: string[]; keypoints: string[]; columns: Column[] }> {
  const rows = new Map<string, string[]>();
  while (!rows.has('coords')) {
    const lineEnd = yield* findLineEnd(scanner);
    if (lineEnd < 0) scanner.fail('the table ends in its header');
    const [name, ...cells] = splitHeader(scanner.text(scanner.position, lineEnd).trim());
    if (!['scorer', 'individuals', 'bodyparts', 'coords'].includes(name) || rows.has(name))
      scanner.fail(
        `expected a row scorer, individuals, bodyparts or coords, got ${JSON.stringify(name.slice(0, 40))}`,
      );
    rows.set(name, cells);
    if (name === 'coords') break;
    scanner.position = Math.min(lineEnd + 1, scanner.end);
    place.line++;
  }
  const coordinates = rows.get('coords') as string[];
  const bodyparts = rows.get('bodyparts') ?? scanner.fail('the table has no row bodyparts');
  const individuals = rows.get('individuals') ?? coordinates.map(() => SINGLE_ANIMAL);
  for (const [name, cells] of rows)
    if (cells.length !== coordinates.length || cells.length === 0)
      scanner.fail(`row ${name} has ${cells.length} columns, coords has ${coordinates.length}`);
  const animals = [...new Set(individuals)];
  const keypoints = [...new Set(bodyparts)];
  const columns = coordinates.map((coordinate, index): Column => {
    if (coordinate !== 'x' && coordinate !== 'y' && coordinate !== 'likelihood')
      scanner.fail(`column ${index + 2}: expected x, y or likelihood, got ${JSON.stringify(coordinate)}`);
    return {
      animal: animals.indexOf(individuals[index]),
      keypoint: keypoints.indexOf(bodyparts[index]),
      coordinate,
    };
  });
  const seen = new Set(
    columns.map(({ animal, keypoint, coordinate }) => `${animal} ${keypoint} ${coordinate}`),
  );
  if (seen.size !== columns.length)
    scanner.fail('two columns have the same animal, body part and coordinate');
  scanner.position = Math.min((yield* findLineEnd(scanner)) + 1, scanner.end);
  place.line++;
  return { animals, keypoints, columns };
}

/** The cells of a header row; names with commas are in quotes. */
function splitHeader(line: string): string[] {
  const cells = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return Array.from(cells, ([, quoted, plain]) => (quoted?.replaceAll('""', '"') ?? plain).trim());
}

/** Where the line that starts at `position` ends (its newline, or the end of the file); -1 after the last. */
function* findLineEnd(scanner: ByteScanner): Generator<NeedMore, number> {
  for (;;) {
    const at = scanner.bytes.subarray(0, scanner.end).indexOf(NEWLINE, scanner.position);
    if (at >= 0) return at;
    if (scanner.isEnded) return scanner.position === scanner.end ? -1 : scanner.end;
    if (scanner.end - scanner.position > 1 << 24) scanner.fail('the line is longer than 16 MiB');
    yield NEED_MORE;
  }
}

function isBlank(scanner: ByteScanner, lineEnd: number): boolean {
  for (let at = scanner.position; at < lineEnd; at++) if (scanner.bytes[at] > 0x20) return false;
  return true;
}

/** Reads `frame, value, value, ...` of the line that ends at `lineEnd` into `row`. */
function readRow(
  scanner: ByteScanner,
  lineEnd: number,
  frame: number,
  slots: Int32Array,
  row: Float32Array,
): void {
  const { bytes } = scanner;
  const stop = bytes[lineEnd - 1] === RETURN ? lineEnd - 1 : lineEnd;
  const number = readCell(scanner, stop);
  if (number !== frame) scanner.fail(`expected frame ${frame} at the start of the line, got ${number}`);
  for (let column = 0; column < slots.length; column++) {
    if (scanner.position >= stop)
      scanner.fail(`expected ${slots.length} values after the frame, got ${column}`);
    if (bytes[scanner.position] !== COMMA) scanner.fail('expected a comma');
    scanner.position++;
    row[slots[column]] = readCell(scanner, stop);
  }
  if (scanner.position !== stop) scanner.fail(`expected ${slots.length} values after the frame, got more`);
}

/** A number, or NaN for an empty cell or `nan`; stays at the comma or line end behind it. */
function readCell(scanner: ByteScanner, stop: number): number {
  const { bytes, position } = scanner;
  if (position >= stop || bytes[position] === COMMA) return Number.NaN;
  const first = bytes[position] === MINUS ? bytes[position + 1] : bytes[position];
  if (first >= 0x30 && first <= 0x39) {
    const value = scanner.readFloat32();
    if (scanner.position === stop || bytes[scanner.position] === COMMA) return value;
    scanner.position = position;
  }
  const comma = bytes.subarray(0, stop).indexOf(COMMA, position);
  const end = comma < 0 ? stop : comma;
  const text = scanner.text(position, end).trim();
  const value = text === '' || text.toLowerCase() === 'nan' ? Number.NaN : Number(text);
  if (Number.isNaN(value) && text !== '' && text.toLowerCase() !== 'nan')
    scanner.fail(`${JSON.stringify(text.slice(0, 40))} is not a number`);
  scanner.position = end;
  return Math.fround(value);
}
