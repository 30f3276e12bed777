import type { Cell, ResultsTable, TableRow } from '../evaluation/results/results-table.js';
import { csvLines } from '../files/csv-cell.js';
import { alignColumns, chanceText, figure, markdownRow, signed } from './figure-text.js';

/** For a README: figures with their intervals, then every difference to a control. */
export function renderMarkdown(table: ResultsTable): string {
  const header = ['features', ...table.columns.map(({ title }) => title), ''];
  const lines = [
    markdownRow(header),
    markdownRow(header.map((_, index) => (index === 0 ? '---' : '---:'))),
    ...table.rows.map((row) => markdownRow([row.name, ...row.cells.map(cellText), remark(row)])),
  ];
  if (table.differences.length > 0) {
    lines.push('', markdownRow(DIFFERENCE_HEADER), markdownRow(DIFFERENCE_HEADER.map(() => '---')));
    lines.push(...differenceRows(table).map(markdownRow));
  }
  return [...lines, '', ...table.notes.map((note) => `${note}  `)].join('\n');
}

/** For spreadsheets: one line per figure or difference, full precision. */
export function renderCsv(table: ResultsTable): string {
  const lines: (string | number)[][] = [
    ['kind', 'features', 'against', 'column', 'value', 'low', 'high', 'p', 'seeds', 'remark'],
  ];
  for (const row of table.rows) {
    row.cells.forEach((cell, index) => {
      if (cell === null) return;
      const { low = '', high = '' } = cell.interval ?? {};
      const title = table.columns[index].title;
      const values = [row.status, row.name, '', title, cell.value, low, high, '', row.seeds, remark(row)];
      lines.push(values);
    });
  }
  for (const { row, control, column, value, low, high, correctedP } of table.differences) {
    lines.push(['difference', row, control, column, value, low, high, correctedP, '', '']);
  }
  return csvLines(lines);
}

/** For a terminal: aligned columns. */
export function renderText(table: ResultsTable): string {
  const rows = [
    ['features', ...table.columns.map(({ title }) => title), ''],
    ...table.rows.map((row) => [row.name, ...row.cells.map(cellText), remark(row)]),
  ];
  const lines = alignColumns(rows);
  if (table.differences.length > 0) {
    lines.push('', ...alignColumns([DIFFERENCE_HEADER, ...differenceRows(table)]));
  }
  return [...lines, '', ...table.notes].join('\n');
}

const DIFFERENCE_HEADER = ['features', 'against', 'column', 'difference', 'p'];

function differenceRows(table: ResultsTable): string[][] {
  return table.differences.map(({ row, control, column, value, low, high, correctedP }) => [
    row,
    control,
    column,
    `${signed(value)} [${signed(low)}, ${signed(high)}]`,
    chanceText(correctedP),
  ]);
}

function cellText(cell: Cell | null): string {
  if (cell === null) return '';
  const { value, interval } = cell;
  return interval === null
    ? figure(value)
    : `${figure(value)} [${figure(interval.low)}, ${figure(interval.high)}]`;
}

function remark({ status, flags }: TableRow): string {
  return [...(status === 'measured' || status === 'chance' ? [] : [status]), ...flags].join(', ');
}
