import type { ByteScanner } from './byte-scanner.js';
import { JsonArrayReader } from './json-arrays.js';
import { peekByte, readObject, readValue, skipValue } from './json-tokens.js';
import { NEED_MORE, type NeedMore } from './scan.js';

/** An array of a sequence; its first axis is the frame. */
export interface SequenceArray {
  /** In the file's own axis order; only the first `length` count. */
  readonly values: Float32Array;
  readonly length: number;
  /** The extent of the first axis. */
  readonly count: number;
}

/** One sequence as it lies in the file: `{group: {id: {keypoints, scores, annotations, metadata}}}`. */
export interface ScannedSequence {
  readonly group: string;
  readonly id: string;
  /** The arrays that were asked for and are there, in the file's own axis order. */
  readonly arrays: ReadonlyMap<string, SequenceArray>;
  readonly metadata: unknown;
  /** Where the sequence ends in the file. */
  readonly endOffset: number;
}

/** Where a scan has got to, for error messages. */
export interface ScanPlace {
  group: string;
  id: string;
  field: string;
}

/**
 * Scans a file in the layout of CalMS21: yields its sequences one by one, and `NEED_MORE` whenever the scanner has
 * to be fed. `fields` names the arrays to keep and their inner shapes; other keys are skipped. Sequences may come
 * in any order, and their keys too. Throws ScanErrors; `place` then says where.
 */
export function* scanSequences(
  scanner: ByteScanner,
  fields: Readonly<Record<string, readonly number[]>>,
  place: ScanPlace,
): Generator<NeedMore | ScannedSequence, void> {
  yield* readObject<ScannedSequence>(scanner, function* (group) {
    Object.assign(place, { group, id: '', field: '' });
    yield* readObject<ScannedSequence>(scanner, function* (id) {
      Object.assign(place, { id, field: '' });
      yield yield* scanSequence(scanner, fields, place);
    });
    Object.assign(place, { id: '', field: '' });
  });
  if ((yield* peekByte(scanner)) !== -1) scanner.fail('expected the end of the file');
}

function* scanSequence(
  scanner: ByteScanner,
  fields: Readonly<Record<string, readonly number[]>>,
  place: ScanPlace,
): Generator<NeedMore, ScannedSequence> {
  const arrays = new Map<string, JsonArrayReader>();
  let metadata: unknown;
  yield* readObject<never>(scanner, function* (field) {
    place.field = field;
    if (Object.hasOwn(fields, field)) {
      const array = new JsonArrayReader(fields[field]);
      yield* peekByte(scanner);
      while (!array.read(scanner)) yield NEED_MORE;
      arrays.set(field, array);
    } else if (field === 'metadata') metadata = yield* readValue(scanner);
    else yield* skipValue(scanner);
  });
  place.field = '';
  return { group: place.group, id: place.id, arrays, metadata, endOffset: scanner.offset };
}
