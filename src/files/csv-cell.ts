/**
 * Text as a cell of a csv file: inert, and quoted where it has to be (RFC 4180). Numbers stay as they are, also where they
 * come as text.
 */
export function csvCell(cell: string | number): string {
  const text = typeof cell === 'number' ? String(cell) : inertText(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows of cells as csv, each with its line end. */
export function csvLines(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.map(csvCell).join(',')}\n`).join('');
}

/**
 * Text that a spreadsheet doesn't run: it takes cells that begin with one of = + - @, a tab or a line end for a formula.
 * An apostrophe goes before them.
 */
function inertText(text: string): string {
  return /^[=+\-@\t\r\n]/.test(text) && !NUMBER.test(text) ? `'${text}` : text;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$|^-Infinity$/i;
