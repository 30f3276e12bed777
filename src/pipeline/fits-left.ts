import { mean } from '../evaluation/statistics/mean.js';
import type { EmitEvent } from '../events/event.js';

/** A row of a table for one task: so many fits, one a split. */
export interface Cell {
  /** Names the row once. */
  readonly row: string;
  /** What learns: rows of other seeds, amounts or shifted labels take about as long. */
  readonly features: string;
  readonly task: string;
  readonly fits: number;
  /** Frames of the task: what a fit of an unknown row is likely to grow with. */
  readonly frames: number;
}

/** How long a fit of a cell took. */
export interface CellTime {
  readonly features: string;
  readonly task: string;
  readonly frames: number;
  readonly secondsPerFit: number;
}

/** Tells how far a finetuning is: fits done, and the time that those to come will take by those that are done. */
export interface FitsLeft {
  begin(cell: Cell): void;
  /** One more split of the present cell is done. */
  fitDone(): void;
  cellDone(): void;
  /** Tells it again while a fit lasts; at most once a second. */
  tick(): void;
}

const TICK_SECONDS = 1;

/**
 * @param cells all cells of the run, those of earlier processes included
 * @param measured those of earlier processes, with their times
 * @param nowSeconds a clock that never goes back
 */
export function countFitsLeft(
  cells: readonly Cell[],
  measured: readonly (CellTime & Pick<Cell, 'row'>)[],
  emit: EmitEvent,
  nowSeconds: () => number,
): FitsLeft {
  const times: CellTime[] = [...measured];
  const isDone = ({ row, task }: Cell) => measured.some((own) => own.row === row && own.task === task);
  const waiting = cells.filter((cell) => !isDone(cell));
  const total = cells.reduce((sum, { fits }) => sum + fits, 0);
  let done = cells.filter(isDone).reduce((sum, { fits }) => sum + fits, 0);
  let present: { cell: Cell; begin: number; fitBegin: number; fits: number } | null = null;
  let toldAt = Number.NEGATIVE_INFINITY;

  const tell = (): void => {
    toldAt = nowSeconds();
    const known = present === null ? times : [...times, ...timeOf(present)];
    const etaSeconds = waiting.reduce<number | null>((sum, cell) => {
      const each = predictSeconds(known, cell);
      if (sum === null || each === null) return null;
      if (cell !== present?.cell) return sum + each * cell.fits;
      const spent = Math.min(each, toldAt - present.fitBegin);
      return sum + Math.max(0, each * (cell.fits - present.fits) - spent);
    }, 0);
    emit({ type: 'overall', done, total, unit: 'fits', etaSeconds });
  };
  return {
    begin(cell) {
      const begin = nowSeconds();
      present = { cell: waiting.find((own) => isSame(own, cell)) ?? cell, begin, fitBegin: begin, fits: 0 };
      tell();
    },
    fitDone() {
      if (present === null) return;
      present.fits++;
      present.fitBegin = nowSeconds();
      if (waiting.includes(present.cell)) done++;
      tell();
    },
    cellDone() {
      if (present === null) return;
      times.push(...timeOf(present));
      const place = waiting.indexOf(present.cell);
      if (place >= 0) waiting.splice(place, 1);
      present = null;
      tell();
    },
    tick() {
      if (nowSeconds() - toldAt >= TICK_SECONDS) tell();
    },
  };
}

function isSame(one: Cell, other: Cell): boolean {
  return one.row === other.row && one.task === other.task;
}

/** What the fits so far of a cell took, each; nothing where none is done. */
function timeOf(present: { cell: Cell; begin: number; fitBegin: number; fits: number }): CellTime[] {
  const { cell, begin, fitBegin, fits } = present;
  return fits === 0 ? [] : [{ ...cell, secondsPerFit: (fitBegin - begin) / fits }];
}

/** By fits of the same features and task, else of the task, else of any by their frames; null: nothing is done yet. */
function predictSeconds(times: readonly CellTime[], { features, task, frames }: Cell): number | null {
  const ofTask = times.filter((time) => time.task === task);
  const own = ofTask.filter((time) => time.features === features);
  if (own.length > 0) return mean(own.map(({ secondsPerFit }) => secondsPerFit));
  if (ofTask.length > 0) return mean(ofTask.map(({ secondsPerFit }) => secondsPerFit));
  if (times.length === 0) return null;
  return mean(times.map((time) => time.secondsPerFit / Math.max(1, time.frames))) * frames;
}
