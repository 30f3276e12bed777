import { UserError } from '../../errors.js';
import { csvCell } from '../../files/csv-cell.js';
import { type Labels, type TrackDeclaration, UNANNOTATED } from '../pose.js';
import type { AnnotationStream, Bout } from './bouts.js';
import { type CsvRow, guessDelimiter, hasText, parseCsv } from './csv-text.js';
import { parseFrame, requireColumn } from './table-cells.js';

/** How a table of frames is meant. */
export interface FramesCsvLayout {
  /** The column with the frame's number; null: the rows are the frames, from the first on. */
  readonly frameColumn: string | null;
  /** The number of the first frame of a recording. */
  readonly firstFrame: 0 | 1;
}

/** What `writeFramesCsv` writes. */
export const OWN_FRAMES_CSV: FramesCsvLayout = { frameColumn: 'frame', firstFrame: 0 };

/**
 * Reads a table with one frame a line: every column but the frame's is a stream, its cells name the behaviour; empty
 * cells are unannotated, and so is a line without text where the rows are the frames. A column of zeros and ones is a
 * stream of the behaviours `0` and `1`, to be renamed. Throws a UserError that names the line.
 */
export function readFramesCsv(text: string, path: string, layout: FramesCsvLayout): AnnotationStream[] {
  const [header, ...rows] = readRows(text, path, layout);
  if (!header) throw new UserError('data', `${path} is empty`);
  const frameAt =
    layout.frameColumn === null ? undefined : requireColumn(header.cells, layout.frameColumn, path);
  const frames = rows.map((row, index) => {
    if (row.cells.length !== header.cells.length)
      throw new UserError(
        'data',
        `${path}, line ${row.line}: ${row.cells.length} cells, expected ${header.cells.length}`,
      );
    if (frameAt === undefined) return index;
    const where = `${path}, line ${row.line}`;
    const frame = parseFrame(row.cells[frameAt], where) - layout.firstFrame;
    if (frame < 0) throw new UserError('data', `${where}: frame ${row.cells[frameAt]} is before the first`);
    return frame;
  });
  return header.cells.flatMap((name, column) => {
    if (column === frameAt) return [];
    const bouts: Bout[] = [];
    for (const [index, row] of rows.entries()) {
      const cell = row.cells[column].trim();
      const last = bouts.at(-1);
      const frame = frames[index];
      if (cell === '') continue;
      if (last && last.name === cell && last.stop === frame)
        bouts[bouts.length - 1] = { ...last, stop: frame + 1 };
      else bouts.push({ name: cell, start: frame, stop: frame + 1, where: `line ${row.line}` });
    }
    return [{ name: name.trim(), bouts }];
  });
}

/** The header and the lines behind it; where they are the frames themselves, those without text up to the last with some. */
function readRows(text: string, path: string, { frameColumn }: FramesCsvLayout): CsvRow[] {
  const rows = parseCsv(text, guessDelimiter(text), path, frameColumn === null);
  const isTold = ({ cells }: CsvRow) => hasText(cells);
  return rows.slice(Math.max(0, rows.findIndex(isTold)), rows.findLastIndex(isTold) + 1);
}

/** Writes tracks as `frame,TRACK,...`: one line a frame, from 0; unannotated frames have an empty cell. */
export function writeFramesCsv(tracks: readonly (TrackDeclaration & { readonly labels: Labels })[]): string {
  const frames = tracks[0]?.labels.length ?? 0;
  const lines = [['frame', ...tracks.map(({ name }) => csvCell(name))].join(',')];
  for (let frame = 0; frame < frames; frame++) {
    const cells = tracks.map(({ vocabulary, labels }) =>
      labels[frame] === UNANNOTATED ? '' : csvCell(vocabulary[labels[frame]]),
    );
    lines.push([frame, ...cells].join(','));
  }
  return `${lines.join('\n')}\n`;
}
