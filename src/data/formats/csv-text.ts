import { UserError } from '../../errors.js';

/** One line of a table and its number in the file, from 1. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** Splits a text at CRLF, LF or CR. */
export function splitLines(text: string): string[] {
  return text.split(/\r\n|\n|\r/);
}

/**
 * Splits a table into rows (RFC 4180: quotes double inside quotes, line ends inside quotes belong to the cell).
 * Lines without any text are left out unless `keepsBlank`. `path` names the file in errors.
 */
export function parseCsv(text: string, delimiter: string, path: string, keepsBlank = false): CsvRow[] {
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let line = 1;
  let firstLine = 1;
  let at = 0;
  const endRow = () => {
    if (keepsBlank || hasText(cells)) rows.push({ line: firstLine, cells });
    cells = [];
    firstLine = line;
  };
  while (at < text.length) {
    let cell = '';
    if (text[at] === '"') {
      const from = line;
      for (at++; ; at++) {
        if (at >= text.length)
          throw new UserError('data', `${path}, line ${from}: a quote is opened and never closed`);
        if (text[at] === '"' && text[at + 1] !== '"') break;
        if (text[at] === '"') at++;
        if (text[at] === '\n') line++;
        cell += text[at];
      }
      at++;
    }
    const start = at;
    while (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') at++;
    cells.push(cell + text.slice(start, at));
    if (text[at] === delimiter) {
      at++;
      if (at < text.length && text[at] !== '\n' && text[at] !== '\r') continue;
      cells.push('');
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at++;
    at++;
    line++;
    endRow();
  }
  return rows;
}

/** Whether a line is more than delimiters. */
export function hasText(cells: readonly string[]): boolean {
  return cells.some((cell) => cell !== '');
}

/**
 * The delimiter of a table: whichever of tab, semicolon and comma its first line with any of them has most of, those
 * within quotes aside.
 */
export function guessDelimiter(text: string): string {
  for (const line of splitLines(text.slice(0, 1 << 16))) {
    const unquoted = line.replace(/"[^"]*"/g, '');
    const counts = ['\t', ';', ','].map((delimiter) => ({
      delimiter,
      count: unquoted.split(delimiter).length - 1,
    }));
    const best = counts.reduce((one, other) => (other.count > one.count ? other : one));
    if (best.count > 0) return best.delimiter;
  }
  return ',';
}
