import { csvLines } from '../files/csv-cell.js';
import type { FigureColumn } from '../sweep/figures.js';
import type { MissingCell, SweepCell, SweepRow, SweepTable } from '../sweep/table.js';
import { alignColumns, chanceText, figure, markdownRow, signed } from './figure-text.js';

/** For a terminal. A star marks a variant that is above every other one. */
export function renderSweepText(table: SweepTable): string {
  if (table.columns.length === 0) return ['Nothing is measured yet.', ...missingLines(table)].join('\n');
  const { main, classes, differences } = partsOf(table, {
    best: (text) => `${text} *`,
    spread: (mean, deviation) => `${mean} ± ${deviation}`,
  });
  return [
    ...alignColumns(main),
    ...(differences.length > 1 ? ['', ...alignColumns(differences)] : []),
    ...(classes.length > 1 ? ['', ...alignColumns(classes)] : []),
    ...listed(missingLines(table)),
    '',
    ...table.notes,
  ].join('\n');
}

/** For a report: tables of texts, the header first, and what must be told beside them. */
export function tabulateSweep(table: SweepTable): {
  readonly tables: readonly (readonly (readonly string[])[])[];
  readonly notes: readonly string[];
} {
  if (table.columns.length === 0)
    return { tables: [], notes: ['Nothing is measured yet.', ...missingTexts(table)] };
  const { main, classes, differences } = partsOf(table, {
    best: (text) => `${text} *`,
    spread: (mean, deviation) => `${mean} ± ${deviation}`,
  });
  const tables = [main, differences, classes].filter(({ length }) => length > 1);
  return { tables, notes: [...table.notes, ...missingTexts(table)] };
}

/** For a README: best variants are bold. */
export function renderSweepMarkdown(table: SweepTable): string {
  const { main, classes, differences } = partsOf(table, {
    best: (text) => `**${text}**`,
    spread: (mean, deviation) => `${mean} ± ${deviation}`,
  });
  const draw = ([header, ...rows]: readonly (readonly string[])[]) => [
    markdownRow(header),
    markdownRow(header.map((_, index) => (index === 0 ? '---' : '---:'))),
    ...rows.map(markdownRow),
  ];
  return `${[
    ...(table.columns.length === 0 ? ['Nothing is measured yet.'] : draw(main)),
    ...(differences.length > 1 ? ['', ...draw(differences)] : []),
    ...(classes.length > 1 ? ['', ...draw(classes)] : []),
    ...listed(missingLines(table).map((line, index) => (index === 0 ? `${line}\n` : `- ${line.trim()}`))),
    '',
    ...table.notes.map((note) => `${note}  `),
  ].join('\n')}\n`;
}

/** For a paper: tabulars with booktabs. */
export function renderSweepLatex(table: SweepTable): string {
  const { main, classes, differences } = partsOf(table, {
    best: (text) => `${BEST}${text}`,
    spread: (mean, deviation) => `${mean} ± ${deviation}`,
  });
  const draw = ([header, ...rows]: readonly (readonly string[])[]) => [
    `\\begin{tabular}{l${'r'.repeat(header.length - 1)}}`,
    '\\toprule',
    `${header.map(latexCell).join(' & ')} \\\\`,
    '\\midrule',
    ...rows.map((row) => `${row.map(latexCell).join(' & ')} \\\\`),
    '\\bottomrule',
    '\\end{tabular}',
  ];
  const remarks = [...table.notes, ...missingLines(table).map((line) => line.trim())];
  return `${[
    ...remarks.map((line) => `% ${line.replaceAll('\n', ' ')}`),
    ...(table.columns.length === 0 ? [] : draw(main)),
    ...(differences.length > 1 ? ['', ...draw(differences)] : []),
    ...(classes.length > 1 ? ['', ...draw(classes)] : []),
  ].join('\n')}\n`;
}

/** For spreadsheets: a line per variant, column and seed, then per mean and difference; full precision. */
export function renderSweepCsv(table: SweepTable): string {
  const lines = [
    ['kind', 'variant', 'column', 'seed', 'value', 'deviation', 'low', 'high', 'p', 'seeds', 'remark'],
  ];
  for (const row of table.rows) {
    row.cells.forEach((cell, place) => {
      if (cell === null) return;
      const column = titleOf(table.columns[place]);
      for (const { seed, value } of cell.values)
        lines.push(['seed', row.variant, column, `${seed}`, `${value}`, '', '', '', '', '', '']);
      const { mean, deviation, difference, isBest } = cell;
      const remark = [...(isBest ? ['best'] : []), ...row.flags].join(', ');
      const seeds = `${cell.values.length}`;
      lines.push([
        'mean',
        row.variant,
        column,
        '',
        `${mean}`,
        `${deviation ?? ''}`,
        '',
        '',
        '',
        seeds,
        remark,
      ]);
      if (difference === null) return;
      const { value, low, high, correctedP } = difference;
      const figures = [`${value}`, '', `${low}`, `${high}`, `${correctedP}`, `${difference.seeds}`];
      lines.push(['difference', row.variant, column, '', ...figures, `to ${table.baseline}`]);
    });
  }
  for (const { variant, seed, state, error } of table.missing) {
    lines.push([state, variant, '', `${seed}`, '', '', '', '', '', '', error ?? '']);
  }
  return csvLines(lines);
}

/** How a format marks and joins what a cell says. */
interface Marks {
  readonly best: (text: string) => string;
  readonly spread: (mean: string, deviation: string) => string;
}

/** Rows of texts, the header first: means of variants, differences to the baseline, means of classes. */
function partsOf(table: SweepTable, marks: Marks) {
  const { columns, rows, seeds } = table;
  const places = [...columns.keys()];
  const whole = places.filter((place) => columns[place].className === null);
  const ofClasses = places.filter((place) => columns[place].className !== null);
  const text = (cell: SweepCell | null) => cellText(cell, seeds.length, marks);
  return {
    main: [
      ['variant', ...whole.map((place) => titleOf(columns[place])), 'seeds', ''],
      ...rows.map((row) => [
        row.variant,
        ...whole.map((place) => text(row.cells[place])),
        `${row.seeds.length} of ${seeds.length}`,
        row.flags.join(', '),
      ]),
    ],
    differences: [
      ['variant', 'column', `difference to ${table.baseline}`, 'p'],
      ...places.flatMap((place) => rows.flatMap((row) => differenceRow(row, place, columns[place]))),
    ],
    classes:
      ofClasses.length === 0
        ? []
        : [
            ['class', ...rows.map(({ variant }) => variant)],
            ...ofClasses.map((place) => [
              titleOf(columns[place]),
              ...rows.map((row) => text(row.cells[place])),
            ]),
          ],
  };
}

function differenceRow({ variant, cells }: SweepRow, place: number, column: FigureColumn): string[][] {
  const difference = cells[place]?.difference ?? null;
  if (difference === null) return [];
  const { value, low, high, correctedP } = difference;
  return [
    [variant, titleOf(column), `${signed(value)} [${signed(low)}, ${signed(high)}]`, chanceText(correctedP)],
  ];
}

/** `.812 ± .004`; how many seeds, where some are missing. */
function cellText(cell: SweepCell | null, seedCount: number, { best, spread }: Marks): string {
  if (cell === null) return 'missing';
  const { mean, deviation, values, isBest } = cell;
  const told = deviation === null ? figure(mean) : spread(figure(mean), figure(deviation));
  const counted = values.length === seedCount ? told : `${told} (${values.length} of ${seedCount})`;
  return isBest ? best(counted) : counted;
}

/** `task1 F1`, `task1 attack AP`; the metric of the rat videos is known as TRIAL. */
export function titleOf({ group, metric, className }: FigureColumn): string {
  if (className !== null) return `${group} ${className} ${metric === 'f1' ? 'F1' : 'AP'}`;
  if (metric === 'f1') return `${group} F1`;
  return `${group} ${group.startsWith('rats/') ? 'TRIAL' : 'MAP'}`;
}

function missingLines({ missing }: SweepTable): string[] {
  if (missing.length === 0) return [];
  return ['Not measured:', ...missing.map((cell) => `  ${missingText(cell)}`)];
}

function missingTexts({ missing }: SweepTable): string[] {
  return missing.map((cell) => `Not measured: ${missingText(cell)}`);
}

function missingText({ variant, seed, state, error }: MissingCell): string {
  return `${variant}, seed ${seed}: ${state}${error === null ? '' : ` (${error})`}`;
}

/** Lines behind an empty one; none for none. */
function listed(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', ...lines];
}

/** Marks the best until texts are escaped; no name starts so. */
const BEST = '\u0000';

const LATEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '%': '\\%',
  '#': '\\#',
  _: '\\_',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '$<$',
  '>': '$>$',
};

/** Texts as LaTeX prints them. */
function latexText(text: string): string {
  return text.replace(/[\\{}$&%#_~^<>]/g, (character) => LATEX[character]);
}

/** Cells likewise, the best in bold. */
function latexCell(text: string): string {
  const isBest = text.startsWith(BEST);
  const plain = latexText(isBest ? text.slice(BEST.length) : text).replaceAll('±', '$\\pm$');
  return isBest ? `\\textbf{${plain}}` : plain;
}
