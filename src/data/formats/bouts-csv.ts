import { UserError } from '../../errors.js';
import { csvCell } from '../../files/csv-cell.js';
import { type AnnotationStream, type Bout, timeToFrame } from './bouts.js';
import { type CsvRow, guessDelimiter, parseCsv } from './csv-text.js';
import { parseDecimal, parseFrame, requireColumn } from './table-cells.js';

/** How a table of bouts is meant; every lab has its own. */
export interface BoutsCsvLayout {
  readonly columns: {
    readonly start: string;
    readonly stop: string;
    readonly behaviour: string;
    /** The column that names the stream; null: all rows are one stream. */
    readonly stream: string | null;
  };
  /** `seconds`: times, half open; `frames`: see `firstFrame` and `stopIs`. */
  readonly unit: 'frames' | 'seconds';
  /** The number of the first frame of a recording. */
  readonly firstFrame: 0 | 1;
  /** Whether the stop is the last frame of the bout or the one behind it. */
  readonly stopIs: 'inclusive' | 'exclusive';
  /** Only rows that have these cells, by column. */
  readonly where: Readonly<Record<string, string>>;
}

/** What `writeBoutsCsv` writes. */
export const OWN_BOUTS_CSV: BoutsCsvLayout = {
  columns: { start: 'start', stop: 'stop', behaviour: 'behaviour', stream: 'track' },
  unit: 'frames',
  firstFrame: 0,
  stopIs: 'exclusive',
  where: {},
};

/**
 * Reads a table with one bout a line: comma, semicolon or tab, decimal point or comma. Throws a UserError that names
 * the line.
 */
export function readBoutsCsv(
  text: string,
  path: string,
  layout: BoutsCsvLayout,
  framesPerSecond: number,
): AnnotationStream[] {
  const [header, ...rows] = parseCsv(text, guessDelimiter(text), path);
  if (!header) throw new UserError('data', `${path} is empty`);
  const at = (column: string) => requireColumn(header.cells, column, path);
  const { columns } = layout;
  const [start, stop, behaviour] = [at(columns.start), at(columns.stop), at(columns.behaviour)];
  const stream = columns.stream === null ? undefined : at(columns.stream);
  const conditions = Object.entries(layout.where).map(([column, value]) => ({ column: at(column), value }));
  const streams = new Map<string, Bout[]>();
  for (const row of rows) {
    const cell = (column: number) => (row.cells[column] ?? '').trim();
    if (!conditions.every(({ column, value }) => cell(column) === value)) continue;
    const frames = readInterval(cell(start), cell(stop), row, path, layout, framesPerSecond);
    const name = stream === undefined ? '' : cell(stream);
    const bouts = streams.get(name) ?? [];
    bouts.push({ name: cell(behaviour), ...frames, where: `line ${row.line}` });
    streams.set(name, bouts);
  }
  return [...streams].map(([name, bouts]) => ({ name, bouts }));
}

const IN_SECONDS = 'Where start and stop are times, say `unit: seconds` in the settings.';

function readInterval(
  startText: string,
  stopText: string,
  row: CsvRow,
  path: string,
  layout: BoutsCsvLayout,
  framesPerSecond: number,
): { start: number; stop: number } {
  const where = `${path}, line ${row.line}`;
  let [start, stop] = [0, 0];
  if (layout.unit === 'seconds') {
    [start, stop] = [parseDecimal(startText, where), parseDecimal(stopText, where)];
    if (start < 0) throw new UserError('data', `${where}: the bout starts before 0`);
    [start, stop] = [timeToFrame(start, framesPerSecond), timeToFrame(stop, framesPerSecond)];
  } else {
    start = parseFrame(startText, where, IN_SECONDS) - layout.firstFrame;
    stop =
      parseFrame(stopText, where, IN_SECONDS) - layout.firstFrame + (layout.stopIs === 'inclusive' ? 1 : 0);
  }
  if (!(start >= 0 && stop >= start && Number.isSafeInteger(stop)))
    throw new UserError('data', `${where}: from ${startText} to ${stopText} is no interval`, {
      hint: 'Check unit, firstFrame and stopIs in the settings.',
    });
  return { start, stop };
}

/** Writes bouts as `track,behaviour,start,stop`: frames from 0, the stop is the frame behind the last. */
export function writeBoutsCsv(streams: readonly AnnotationStream[]): string {
  const lines = streams.flatMap(({ name: track, bouts }) =>
    bouts.map(({ name, start, stop }) => [csvCell(track), csvCell(name), start, stop].join(',')),
  );
  return `${['track,behaviour,start,stop', ...lines].join('\n')}\n`;
}
