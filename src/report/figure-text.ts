/** Figures and cells of tables as text, the same in every table. */

/** Three digits without the leading zero, as papers print them. */
export function figure(value: number): string {
  return value.toFixed(3).replace(/^(-?)0\./, '$1.');
}

export function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${figure(value)}`;
}

/** A p-value, `<.001` where three digits don't reach. */
export function chanceText(p: number): string {
  return p < 0.001 ? '<.001' : figure(p);
}

export function markdownRow(values: readonly string[]): string {
  return `| ${values.map((value) => value.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** Rows as columns that line up: the first to the left, the others to the right. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((value, column) => (column === 0 ? value.padEnd(widths[column]) : value.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
}
