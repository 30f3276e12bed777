import type { RunState } from './run-state.js';

/** How many lines each part of the screen gets. Together never more than the terminal has, less one. */
export interface Layout {
  readonly columns: number;
  /** Lines of the whole screen. */
  readonly lines: number;
  readonly stats: number;
  readonly curves: CurveLayout;
  readonly guards: number;
  /** The head that is being fitted. */
  readonly head: number;
  readonly results: number;
  /** The table of a sweep with what is chosen in it. */
  readonly sweep: number;
  readonly messages: number;
}

/** Curves stand side by side in rows; a panel has `TITLE_LINES` and the plot. */
export interface CurveLayout {
  readonly panelsPerRow: number;
  readonly panelColumns: number;
  readonly rows: number;
  readonly plotLines: number;
}

const NO_CURVES: CurveLayout = { panelsPerRow: 0, panelColumns: 0, rows: 0, plotLines: 0 };
export const TITLE_LINES = 2;
const MIN_PANEL_COLUMNS = 26;
const MAX_PLOT_LINES = 16;
const MAX_HEAD_LINES = 10;
/** Title, progress bar, phase, checkpoint and keys. */
const FIXED_LINES = 5;

/**
 * Shares the terminal's lines out: what is always there, then one message, guards, results, curves, and the rest to
 * messages. The last line stays free: a terminal scrolls when it is filled.
 */
export function planLayout(state: RunState, columns: number, rows: number): Layout {
  const lines = Math.max(1, rows - 1);
  let free = Math.max(0, lines - FIXED_LINES);
  const take = (wanted: number): number => {
    const taken = Math.min(free, Math.max(0, wanted));
    free -= taken;
    return taken;
  };
  const stats = take(state.step === null ? 0 : statsLines(columns));
  let messages = take(1);
  const guardCount = state.guards === null ? 0 : Object.keys(state.guards.metrics).length;
  const guards = take(Math.min(guardCount === 0 ? 0 : guardCount + 1, Math.ceil(free / 2)));
  const resultCount = state.results.length === 0 ? 0 : state.results.length + 1;
  const head = take(state.head === null ? 0 : Math.min(MAX_HEAD_LINES, Math.max(2, Math.floor(free / 3))));
  const results = take(Math.min(resultCount, Math.ceil(free / (state.step === null ? 1 : 2))));
  const sweep = take(state.jobs.length === 0 ? 0 : free - Math.min(3, Math.floor(free / 5)));
  const curves = planCurves(
    Object.keys(state.curves).length,
    columns,
    free - Math.min(3, Math.floor(free / 4)),
  );
  take(curves.rows * (curves.plotLines + TITLE_LINES));
  messages += take(Math.min(state.messages.length - 1, free));
  return { columns, lines, stats, curves, guards, head, results, sweep, messages };
}

/** Lines that the eight numbers of a step take: one where each has 16 columns. */
export function statsLines(columns: number): 1 | 2 {
  return columns >= 8 * 16 ? 1 : 2;
}

function planCurves(count: number, columns: number, lines: number): CurveLayout {
  if (count === 0) return NO_CURVES;
  const fitting = Math.max(1, Math.floor(columns / MIN_PANEL_COLUMNS));
  const rows = Math.ceil(count / fitting);
  const panelsPerRow = Math.min(Math.ceil(count / rows), fitting);
  const shownRows = Math.min(rows, Math.floor(lines / (TITLE_LINES + 1)));
  if (shownRows === 0) return NO_CURVES;
  return {
    panelsPerRow,
    panelColumns: Math.floor(columns / panelsPerRow),
    rows: shownRows,
    plotLines: Math.min(MAX_PLOT_LINES, Math.floor(lines / shownRows) - TITLE_LINES),
  };
}
