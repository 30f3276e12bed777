/** A cell of a table of results: a row, as settings write it, for one task. */
export interface Cell {
  readonly row: string;
  readonly task: string;
}

export interface MeasuredCell extends Cell {
  readonly seconds: number;
}

/**
 * Seconds that the cells which are left will take: each as long as the newest cell of its row (the first one of a row
 * computes features that the others find), else as the mean of its task, else as the mean of all.
 * @returns null where nothing is measured yet
 */
export function estimateRemaining(left: readonly Cell[], measured: readonly MeasuredCell[]): number | null {
  if (measured.length === 0) return null;
  const mean = (cells: readonly MeasuredCell[]) =>
    cells.length === 0 ? null : cells.reduce((sum, { seconds }) => sum + seconds, 0) / cells.length;
  return left.reduce((sum, { row, task }) => {
    const ofRow = measured.findLast((cell) => cell.row === row)?.seconds;
    const ofTask = mean(measured.filter((cell) => cell.task === task));
    return sum + (ofRow ?? ofTask ?? (mean(measured) as number));
  }, 0);
}
