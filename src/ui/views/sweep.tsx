import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { plotCurve } from '../curve.js';
import { formatDuration, formatNumber, formatShare } from '../format.js';
import type { Palette, TextStyle } from '../palette.js';
import type { Job } from '../run-state.js';
import { PlotRows } from './plot.js';

const BAR_COLUMNS = 10;
const MAX_NAME = 32;
const MAX_PLOT_COLUMNS = 80;
const MAX_DETAIL_LINES = 14;
const STATE_COLUMNS = 'interrupted'.length;

/** A row a job, and below them the chosen one: its curve, or why it failed. */
export function Sweep({
  jobs,
  chosen,
  lines,
  columns,
  palette,
}: {
  readonly jobs: readonly Job[];
  /** The row that the arrow keys have chosen. */
  readonly chosen: number;
  readonly lines: number;
  readonly columns: number;
  readonly palette: Palette;
}): ReactElement | null {
  if (jobs.length === 0 || lines < 2) return null;
  const row = Math.min(jobs.length - 1, Math.max(0, chosen));
  const detailLines = Math.min(
    MAX_DETAIL_LINES,
    lines - Math.min(jobs.length + 1, Math.max(3, Math.ceil(lines / 2))),
  );
  const tableLines = Math.min(jobs.length, lines - 1 - Math.max(0, detailLines));
  // The chosen row stays in sight, and the table still while it is.
  const first = Math.max(0, Math.min(jobs.length - tableLines, row - Math.floor(tableLines / 2)));
  const nameWidth = Math.min(MAX_NAME, Math.max(7, ...jobs.map(({ variant }) => variant.length)));
  const hidden = jobs.length - tableLines;
  const head = [
    '  variant'.padEnd(nameWidth + 2),
    'seed',
    'state'.padEnd(STATE_COLUMNS),
    'stage'.padEnd(8 + BAR_COLUMNS + 6),
  ];
  return (
    <Box flexDirection="column" height={lines}>
      <Text bold wrap="truncate">
        {`${head.join('  ')}  metric${hidden > 0 ? `   (${hidden} more: up and down)` : ''}`}
      </Text>
      {jobs.slice(first, first + tableLines).map((job, index) => (
        <Row
          key={job.id}
          job={job}
          isChosen={first + index === row}
          nameWidth={nameWidth}
          palette={palette}
        />
      ))}
      {detailLines > 1 && <Detail job={jobs[row]} lines={detailLines} columns={columns} palette={palette} />}
    </Box>
  );
}

function Row({
  job,
  isChosen,
  nameWidth,
  palette,
}: {
  readonly job: Job;
  readonly isChosen: boolean;
  readonly nameWidth: number;
  readonly palette: Palette;
}): ReactElement {
  const { variant, seed, state, stage, progress, metric, etaSeconds } = job;
  const share = state === 'running' ? (progress ?? 0) : state === 'done' ? 1 : 0;
  const filled = Math.round(share * BAR_COLUMNS);
  const hasBar = state === 'running' || state === 'done';
  return (
    <Text wrap="truncate" bold={isChosen}>
      {`${isChosen ? '›' : ' '} ${variant.slice(0, nameWidth).padEnd(nameWidth)}  ${String(seed).padStart(4)}  `}
      <Text {...styleOf(state, palette)}>{state.padEnd(STATE_COLUMNS)}</Text>
      {`  ${(stage ?? '').slice(0, 8).padEnd(8)}  `}
      <Text {...palette.accent}>{(hasBar ? '━'.repeat(filled) : '').padEnd(hasBar ? 0 : BAR_COLUMNS)}</Text>
      <Text {...palette.quiet}>{hasBar ? '─'.repeat(BAR_COLUMNS - filled) : ''}</Text>
      {`${(hasBar ? formatShare(share) : '').padStart(6)}  `}
      {metric === null ? '' : `${metric.name} ${formatNumber(metric.value)}`.padEnd(16)}
      <Text {...palette.quiet}>
        {state === 'running' && etaSeconds !== null ? `${formatDuration(etaSeconds)} left` : ''}
      </Text>
    </Text>
  );
}

function styleOf(state: Job['state'], palette: Palette): TextStyle {
  if (state === 'done') return palette.good;
  if (state === 'failed' || state === 'interrupted') return palette.bad;
  return state === 'running' ? palette.accent : palette.quiet;
}

function Detail({
  job,
  lines,
  columns,
  palette,
}: {
  readonly job: Job;
  readonly lines: number;
  readonly columns: number;
  readonly palette: Palette;
}): ReactElement {
  const title = `${job.variant}, seed ${job.seed}`;
  if (job.error !== null) {
    return (
      <Box flexDirection="column" height={lines} overflow="hidden">
        <Text wrap="truncate" bold>
          {`${title}: why it failed`}
        </Text>
        <Text {...palette.bad}>{job.error.slice(0, (lines - 1) * columns)}</Text>
      </Box>
    );
  }
  const width = Math.min(MAX_PLOT_COLUMNS, columns);
  const lastStep = [...job.curve.points, ...job.curve.pending].at(-1)?.step ?? 1;
  const { rows, low, high } = plotCurve(job.curve, width, lines - 1, lastStep);
  const isEmpty = job.curve.points.length + job.curve.pending.length === 0;
  const range = isEmpty
    ? 'nothing told so far'
    : `${job.metric?.name} from ${formatNumber(low)} to ${formatNumber(high)}`;
  return (
    <Box flexDirection="column" height={lines} overflow="hidden">
      <Text wrap="truncate">
        <Text bold>{title}</Text>
        <Text {...palette.quiet}>{`   ${range}`}</Text>
      </Text>
      <PlotRows rows={rows} style={palette.accent} />
    </Box>
  );
}
