import { UserError } from '../../errors.js';
import { csvLines } from '../../files/csv-cell.js';
import { type AnnotationStream, type Bout, timeToFrame } from './bouts.js';
import { type CsvRow, guessDelimiter, parseCsv } from './csv-text.js';
import { parseDecimal, requireColumn } from './table-cells.js';

export interface BorisOptions {
  /** Of the recording: times are turned into frames with it, see `timeToFrame`. */
  readonly framesPerSecond: number;
  /** Subtracted from every time. `file`: the offset that the file itself tells, which BORIS has added. */
  readonly timeOffsetSeconds: number | 'file';
}

/** File and recording may differ by this much in frames per second (29.97 is often rounded to 30). */
const RATE_TOLERANCE = 0.002;

/**
 * Reads events that BORIS (Friard & Gamba 2016) exported: tabular (one line an event, START and STOP, with lines on
 * the observation before them or columns) or aggregated (one line a bout); comma, semicolon or tab, decimal point
 * or comma. A stream per subject. Point events last one frame. Throws a UserError that names the line.
 */
export function readBorisEvents(text: string, path: string, options: BorisOptions): AnnotationStream[] {
  const delimiter = guessDelimiter(text);
  const rows = parseCsv(text, delimiter, path);
  const headerAt = rows.findIndex(isBorisHeader);
  if (headerAt < 0)
    throw new UserError('data', `${path} has no line with the columns Behavior and Time (or Start (s))`, {
      hint: 'Export the events from BORIS as tabular or aggregated events.',
    });
  const header = rows[headerAt];
  const table = new BorisTable(header.cells, path, options.framesPerSecond);
  const events = rows.slice(headerAt + 1);
  table.checkObservations(events);
  const offset =
    options.timeOffsetSeconds === 'file' ? table.readOffset(rows, headerAt) : options.timeOffsetSeconds;
  const bouts = header.cells.includes('Start (s)')
    ? table.readAggregated(events, offset)
    : table.readTabular(events, offset);
  const streams = new Map<string, Bout[]>();
  for (const { subject, bout } of bouts) streams.set(subject, [...(streams.get(subject) ?? []), bout]);
  return [...streams].map(([name, found]) => ({ name, bouts: found.sort((a, b) => a.start - b.start) }));
}

/** Whether a row names the columns of events; lines on the observation may stand before it. */
export function isBorisHeader({ cells }: CsvRow): boolean {
  return cells.includes('Behavior') && (cells.includes('Time') || cells.includes('Start (s)'));
}

interface SubjectBout {
  readonly subject: string;
  readonly bout: Bout;
}

class BorisTable {
  readonly #columns: readonly string[];
  readonly #path: string;
  readonly #framesPerSecond: number;

  constructor(columns: readonly string[], path: string, framesPerSecond: number) {
    this.#columns = columns;
    this.#path = path;
    this.#framesPerSecond = framesPerSecond;
  }

  /** The file has to be about one observation, at the frame rate of the recording. */
  checkObservations(rows: readonly CsvRow[]): void {
    const observations = new Set(
      rows.map((row) => this.#cell(row, 'Observation id')).filter((id) => id !== ''),
    );
    if (observations.size > 1)
      throw new UserError(
        'data',
        `${this.#path} holds several observations: ${[...observations].join(', ')}`,
        {
          hint: 'Export each observation to its own file.',
        },
      );
    for (const row of rows) {
      const text = this.#cell(row, 'FPS') || this.#cell(row, 'FPS (frame/s)');
      if (text === '' || text === 'NA') continue;
      const rate = this.#number(row, text);
      if (Math.abs(rate / this.#framesPerSecond - 1) > RATE_TOLERANCE)
        throw this.#error(
          row,
          `the file has ${rate} frames per second, the recording ${this.#framesPerSecond}`,
        );
    }
  }

  /** `Time offset (s)`: a line before the events, or a column. */
  readOffset(rows: readonly CsvRow[], headerAt: number): number {
    const line = rows.slice(0, headerAt).find(({ cells }) => cells[0] === 'Time offset (s)');
    if (line) return this.#number(line, line.cells[1] ?? '');
    const first = rows[headerAt + 1];
    const text = first ? this.#cell(first, 'Time offset (s)') : '';
    return text === '' ? 0 : this.#number(first, text);
  }

  readTabular(rows: readonly CsvRow[], offset: number): SubjectBout[] {
    const statusColumn = this.#columns.includes('Status') ? 'Status' : 'Behavior type';
    requireColumn(this.#columns, statusColumn, this.#path);
    const bouts: SubjectBout[] = [];
    const started = new Map<string, { row: CsvRow; seconds: number }>();
    for (const row of rows) {
      const [subject, name] = [this.#cell(row, 'Subject'), this.#cell(row, 'Behavior')];
      const seconds = this.#seconds(row, this.#cell(row, 'Time'), offset);
      const key = JSON.stringify([subject, name]);
      const start = started.get(key);
      const status = this.#cell(row, statusColumn).toUpperCase();
      if (status === 'POINT') bouts.push({ subject, bout: this.#point(row, name, seconds) });
      else if (status === 'START') {
        if (start) throw this.#error(row, `${name} starts, but it started on line ${start.row.line} already`);
        started.set(key, { row, seconds });
      } else if (status === 'STOP') {
        if (!start) throw this.#error(row, `${name} stops, but it did not start`);
        started.delete(key);
        bouts.push({ subject, bout: this.#bout(start.row, name, start.seconds, seconds) });
      } else throw this.#error(row, `expected START, STOP or POINT, got ${JSON.stringify(status)}`);
    }
    for (const { row } of started.values())
      throw this.#error(row, `${this.#cell(row, 'Behavior')} never stops`);
    return bouts;
  }

  readAggregated(rows: readonly CsvRow[], offset: number): SubjectBout[] {
    requireColumn(this.#columns, 'Stop (s)', this.#path);
    return rows.map((row) => {
      const [subject, name] = [this.#cell(row, 'Subject'), this.#cell(row, 'Behavior')];
      const start = this.#seconds(row, this.#cell(row, 'Start (s)'), offset);
      if (this.#cell(row, 'Behavior type').toUpperCase() === 'POINT')
        return { subject, bout: this.#point(row, name, start) };
      const stop = this.#seconds(row, this.#cell(row, 'Stop (s)'), offset);
      return { subject, bout: this.#bout(row, name, start, stop) };
    });
  }

  #bout(row: CsvRow, name: string, start: number, stop: number): Bout {
    if (stop < start) throw this.#error(row, `${name} stops before it starts`);
    const rate = this.#framesPerSecond;
    return {
      name,
      start: timeToFrame(start, rate),
      stop: timeToFrame(stop, rate),
      where: `line ${row.line}`,
    };
  }

  #point(row: CsvRow, name: string, seconds: number): Bout {
    const start = Math.max(0, Math.floor(seconds * this.#framesPerSecond + 1e-6));
    return { name, start, stop: start + 1, where: `line ${row.line}` };
  }

  #cell(row: CsvRow, column: string): string {
    const at = this.#columns.indexOf(column);
    return at < 0 ? '' : (row.cells[at] ?? '').trim();
  }

  #number(row: CsvRow, text: string): number {
    return parseDecimal(text, `${this.#path}, line ${row.line}`);
  }

  /** A time, less the offset. */
  #seconds(row: CsvRow, text: string, offset: number): number {
    const seconds = this.#number(row, text) - offset;
    const frames = seconds * this.#framesPerSecond;
    if (!Number.isSafeInteger(Math.ceil(frames))) throw this.#error(row, `${text} is no time in a video`);
    // Times are rounded; whatever is further before the video was never moved by that offset.
    if (frames < -1)
      throw this.#error(row, `${text} less the time offset of ${offset} s is before the video begins`, {
        hint: 'Where its times already count from the beginning of the video: timeOffsetSeconds: 0.',
      });
    return seconds;
  }

  #error(row: CsvRow, what: string, options: { hint?: string } = {}): UserError {
    return new UserError('data', `${this.#path}, line ${row.line}: ${what}`, options);
  }
}

/** Writes streams as BORIS's tabular events: seconds, one line for START and STOP each, the stream as subject. */
export function writeBorisEvents(
  streams: readonly AnnotationStream[],
  recording: { readonly id: string; readonly frames: number; readonly framesPerSecond: number },
): string {
  const { id, frames, framesPerSecond } = recording;
  const seconds = (frame: number) => (frame / framesPerSecond).toFixed(3);
  const events = streams
    .flatMap(({ name: subject, bouts }) =>
      bouts.flatMap(({ name, start, stop }) => [
        { frame: start, order: 1, subject, name, status: 'START' },
        { frame: stop, order: 0, subject, name, status: 'STOP' },
      ]),
    )
    .sort((one, other) => one.frame - other.frame || one.order - other.order);
  const lines = [
    ['Observation id', id],
    ['Media file(s)'],
    ['Player #1', id],
    ['Time offset (s)', '0.0'],
    [
      'Time',
      'Media file path',
      'Total length',
      'FPS',
      'Subject',
      'Behavior',
      'Behavioral category',
      'Comment',
      'Status',
    ],
    ...events.map(({ frame, subject, name, status }) => [
      seconds(frame),
      id,
      seconds(frames),
      String(framesPerSecond),
      subject,
      name,
      '',
      '',
      status,
    ]),
  ];
  return csvLines(lines);
}
