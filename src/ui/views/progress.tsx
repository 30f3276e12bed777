import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import type { DashboardProps } from '../dashboard.js';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  formatRate,
  formatShare,
} from '../format.js';
import { statsLines } from '../layout.js';
import type { Palette } from '../palette.js';
import type { RunState } from '../run-state.js';

interface ViewProps {
  readonly state: RunState;
  readonly palette: Palette;
}

/** What runs, and on what. */
export function Title({ state, palette, columns }: ViewProps & { readonly columns: number }): ReactElement {
  const { started, sweep } = state;
  const [left, right] = titleOf(state);
  const room = columns - left.length - 2;
  if (started === null && sweep === null) return <Text bold>whisker</Text>;
  return (
    <Box justifyContent="space-between" width={columns} height={1} flexShrink={0} overflow="hidden">
      <Text bold {...palette.accent} wrap="truncate">
        {left}
      </Text>
      {room > 10 && (
        <Text {...palette.quiet} wrap="truncate">
          {right.length > room ? `${right.slice(0, room - 1)}…` : right}
        </Text>
      )}
    </Box>
  );
}

function titleOf({ started, sweep }: RunState): readonly [string, string] {
  if (sweep !== null) {
    const states = Object.entries(sweep.counts).filter(([, count]) => count > 0);
    return [`whisker sweep ${sweep.name}`, states.map(([state, count]) => `${count} ${state}`).join(', ')];
  }
  if (started === null) return ['', ''];
  const { command, name, engine, mode, device } = started;
  // Work in this process has no engine.
  const where = engine === '' ? [device] : [`${engine} (${mode})`, device];
  return [`whisker ${command} ${name}`, where.filter((text) => text !== '').join(', ')];
}

const MAX_BAR = 60;
/** `59 min 59 s` */
const DURATION_COLUMNS = 11;

/**
 * The share that is done, as a bar with numbers behind it; always one line. Every number has columns of its own, so
 * that nothing moves but the bar.
 */
export function ProgressBar({
  state,
  columns,
  elapsedSeconds,
  palette,
}: Pick<DashboardProps, 'state' | 'columns' | 'elapsedSeconds' | 'palette'>): ReactElement {
  const { done, total, unit, ratePerSecond, etaSeconds } = progressOf(state);
  const elapsed = formatDuration(elapsedSeconds);
  if (total === null || total <= 0) {
    const counted = done > 0 ? `${formatAmount(done, unit)}   ` : '';
    return <Text wrap="truncate">{`${counted}${elapsed}`}</Text>;
  }
  const share = Math.min(1, done / total);
  const whole = formatAmount(total, unit);
  const reached = unit === 'bytes' ? formatBytes(done) : formatCount(done);
  const counts = `${reached.padStart(unit === 'bytes' ? 8 : formatCount(total).length)} of ${whole}`;
  const left = etaSeconds === null || Number.isNaN(etaSeconds) ? '' : `${formatDuration(etaSeconds)} left`;
  const rate = ratePerSecond === null ? '' : `${formatAmountRate(ratePerSecond, unit)}`;
  const cells = [
    `${counts} ${formatShare(share).padStart(5)}`,
    ...(columns >= 96 && ratePerSecond !== null ? [rate.padStart(14)] : []),
    ...(columns >= 80 ? [elapsed.padStart(DURATION_COLUMNS)] : []),
    left.padStart(DURATION_COLUMNS + ' left'.length),
  ];
  const numbers = cells.join('  ');
  const width = Math.max(0, Math.min(MAX_BAR, columns - numbers.length - 2));
  const filled = Math.round(share * width);
  return (
    <Text wrap="truncate">
      <Text {...palette.accent}>{'━'.repeat(filled)}</Text>
      <Text {...palette.quiet}>{'─'.repeat(width - filled)}</Text>
      {`  ${numbers}`}
    </Text>
  );
}

function formatAmount(value: number, unit: string): string {
  return unit === 'bytes' ? formatBytes(value) : `${formatCount(value)} ${unit}`;
}

function formatAmountRate(perSecond: number, unit: string): string {
  return unit === 'bytes' ? `${formatBytes(Math.round(perSecond))}/s` : `${formatRate(perSecond)} ${unit}/s`;
}

function progressOf({ step, progress, overall, sweep }: RunState): {
  readonly done: number;
  readonly total: number | null;
  readonly unit: string;
  readonly ratePerSecond: number | null;
  readonly etaSeconds: number | null;
} {
  if (overall !== null) return { ...overall, ratePerSecond: null };
  if (progress !== null) return progress;
  if (sweep !== null) {
    const total = Object.values(sweep.counts).reduce((sum, count) => sum + count, 0);
    const done = sweep.counts.done + sweep.counts.failed;
    return { done, total, unit: 'jobs', ratePerSecond: null, etaSeconds: sweep.etaSeconds };
  }
  if (step === null) return { done: 0, total: null, unit: '', ratePerSecond: null, etaSeconds: null };
  const { step: done, totalSteps: total, etaSeconds } = step;
  return { done, total, unit: 'steps', ratePerSecond: null, etaSeconds };
}

/** What it is doing right now. */
export function PhaseLine({
  state,
  isPaused,
  palette,
}: ViewProps & { readonly isPaused: boolean }): ReactElement {
  const { phase, finished, sweep } = state;
  if (finished !== null) {
    const outcome = finished.outcome === 'done' ? 'Done' : 'Stopped';
    return <Text bold>{`${outcome} after ${formatDuration(finished.seconds)}`}</Text>;
  }
  if (isPaused) return <Text {...palette.bad}>Paused</Text>;
  if (sweep !== null && phase === null) {
    const runs = sweep.slots === 1 ? 'one job at a time' : `${sweep.slots} jobs at once`;
    return <Text wrap="truncate">{`${runs}, in ${sweep.folder}`}</Text>;
  }
  const detail = phase === null || phase.detail === '' ? '' : `: ${phase.detail}`;
  const text = phase === null ? 'Starting' : `${phase.name}${detail}`;
  return <Text wrap="truncate">{`${text}${partOf(state)}`}</Text>;
}

/** How far the present part is, where the bar shows the whole. */
function partOf({ overall, progress }: RunState): string {
  if (overall === null || progress === null) return '';
  const { phase, done, total, unit } = progress;
  const whole = total === null ? '' : ` of ${formatAmount(total, unit)}`;
  return `   ${phase}: ${total === null ? formatAmount(done, unit) : formatCount(done)}${whole}`;
}

/** The numbers of the last step, in up to two lines; each has a place of its own, so that none moves another. */
export function Stats({
  state,
  lines,
  columns,
}: {
  readonly state: RunState;
  readonly lines: number;
  readonly columns: number;
}): ReactElement | null {
  const { step } = state;
  if (step === null || lines === 0) return null;
  const cells = [
    `epoch ${step.epoch.toFixed(2)}`,
    `loss ${formatNumber(step.loss)}`,
    `rate ${step.learningRate.toExponential(1)}`,
    `gradient ${formatNumber(step.gradientNorm)}`,
    `${formatRate(step.windowsPerSecond)} windows/s`,
    `${formatRate(step.framesPerSecond)} frames/s`,
    `waiting ${Number.isFinite(step.waitingShare) ? formatShare(step.waitingShare) : '–'}`,
    formatBytes(step.memoryBytes),
  ];
  const perLine = 8 / statsLines(columns);
  const width = Math.min(MAX_CELL_COLUMNS, Math.floor(columns / perLine));
  const rows = Array.from({ length: cells.length / perLine }, (_, row) =>
    cells
      .slice(row * perLine, (row + 1) * perLine)
      .map((cell) => cell.padEnd(width))
      .join(''),
  );
  return (
    <Box flexDirection="column" height={lines}>
      {rows.slice(0, lines).map((row) => (
        <Text key={row} wrap="truncate">
          {row.trimEnd()}
        </Text>
      ))}
    </Box>
  );
}

const MAX_CELL_COLUMNS = 24;

/** Where the run can be taken up again. */
export function CheckpointLine({ state, palette }: ViewProps): ReactElement {
  const { checkpoint, bestCheckpoint } = state;
  if (checkpoint === null) {
    // Heads have none.
    const isAwaited = state.started?.command === 'pretrain';
    return <Text {...palette.quiet}>{isAwaited ? 'No checkpoint yet' : ' '}</Text>;
  }
  const best = bestCheckpoint === null ? '' : `   best so far: step ${bestCheckpoint.step}`;
  return (
    <Text wrap="truncate-middle">{`Checkpoint at step ${checkpoint.step}: ${checkpoint.path}${best}`}</Text>
  );
}
