import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import type { DashboardProps } from '../dashboard.js';
import { formatBytes, formatCount, formatDuration, formatNumber, formatShare } from '../format.js';
import type { Palette } from '../palette.js';
import type { RunState } from '../run-state.js';

interface ViewProps {
  readonly state: RunState;
  readonly palette: Palette;
}

/** What runs, and on what. */
export function Title({ state, palette, columns }: ViewProps & { readonly columns: number }): ReactElement {
  const { started } = state;
  if (started === null) return <Text bold>whisker</Text>;
  const left = `whisker ${started.command} ${started.name}`;
  const right = `${started.engine} (${started.mode}), ${started.device}`;
  const room = columns - left.length - 2;
  return (
    <Box justifyContent="space-between" width={columns} height={1} overflow="hidden">
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

/** The share that is done, as a bar with numbers behind it; always one line. */
export function ProgressBar({ state, columns, elapsedSeconds, palette }: DashboardProps): ReactElement {
  const { done, total, unit, etaSeconds } = progressOf(state);
  const elapsed = formatDuration(elapsedSeconds);
  if (total === null || total <= 0) {
    const counted = done > 0 ? `${formatCount(done)} ${unit}   ` : '';
    return <Text wrap="truncate">{`${counted}${elapsed}`}</Text>;
  }
  const share = Math.min(1, done / total);
  const left = etaSeconds === null ? '' : `   ${formatDuration(etaSeconds)} left`;
  const numbers = `${formatCount(done)} of ${formatCount(total)} ${unit}  ${formatShare(share)}   ${elapsed}${left}`;
  const width = Math.max(0, Math.min(60, columns - numbers.length - 2));
  const filled = Math.round(share * width);
  return (
    <Text wrap="truncate">
      <Text {...palette.accent}>{'━'.repeat(filled)}</Text>
      <Text {...palette.quiet}>{'─'.repeat(width - filled)}</Text>
      {width > 0 ? '  ' : ''}
      {numbers}
    </Text>
  );
}

function progressOf({ step, progress }: RunState): {
  readonly done: number;
  readonly total: number | null;
  readonly unit: string;
  readonly etaSeconds: number | null;
} {
  if (progress !== null) return progress;
  if (step === null) return { done: 0, total: null, unit: '', etaSeconds: null };
  return { done: step.step, total: step.totalSteps, unit: 'steps', etaSeconds: step.etaSeconds };
}

/** What it is doing right now. */
export function PhaseLine({
  state,
  isPaused,
  palette,
}: ViewProps & { readonly isPaused: boolean }): ReactElement {
  const { phase, head, finished } = state;
  if (finished !== null) {
    const outcome = finished.outcome === 'done' ? 'Done' : 'Stopped';
    return <Text bold>{`${outcome} after ${formatDuration(finished.seconds)}`}</Text>;
  }
  if (isPaused) return <Text {...palette.bad}>Paused</Text>;
  const headText =
    head === null
      ? ''
      : `   ${head.task}, ${head.features}, seed ${head.seed}: iteration ${head.iteration}, loss ${formatNumber(head.loss)}`;
  const detail = phase === null || phase.detail === '' ? '' : `: ${phase.detail}`;
  return <Text wrap="truncate">{phase === null ? 'Starting' : `${phase.name}${detail}${headText}`}</Text>;
}

/** The numbers of the last step, in up to two lines. */
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
    `epoch ${formatNumber(step.epoch)}`,
    `loss ${formatNumber(step.loss)}`,
    `rate ${step.learningRate.toExponential(1)}`,
    `gradient ${formatNumber(step.gradientNorm)}`,
    `${formatNumber(step.windowsPerSecond)} windows/s`,
    `${formatNumber(step.framesPerSecond)} frames/s`,
    `waiting ${formatShare(step.waitingShare)}`,
    formatBytes(step.memoryBytes),
  ];
  const rows = wrapCells(cells, columns).slice(0, lines);
  return (
    <Box flexDirection="column" height={lines}>
      {rows.map((row) => (
        <Text key={row} wrap="truncate">
          {row}
        </Text>
      ))}
    </Box>
  );
}

/** Cells three spaces apart, as many on a line as fit. */
function wrapCells(cells: readonly string[], columns: number): readonly string[] {
  const rows: string[] = [];
  for (const cell of cells) {
    const last = rows.at(-1);
    if (last !== undefined && last.length + 3 + cell.length <= columns)
      rows[rows.length - 1] = `${last}   ${cell}`;
    else rows.push(cell);
  }
  return rows;
}

/** Where the run can be taken up again. */
export function CheckpointLine({ state, palette }: ViewProps): ReactElement {
  const { checkpoint, bestCheckpoint } = state;
  if (checkpoint === null) return <Text {...palette.quiet}>No checkpoint yet</Text>;
  const best = bestCheckpoint === null ? '' : `   best so far: step ${bestCheckpoint.step}`;
  return (
    <Text wrap="truncate-middle">{`Checkpoint at step ${checkpoint.step}: ${checkpoint.path}${best}`}</Text>
  );
}
