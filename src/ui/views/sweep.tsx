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
const STAGE_COLUMNS = 'pretrain'.length;
const SHARE_COLUMNS = ' 100 %'.length;
const TIME_COLUMNS = '  59 min 59 s left'.length;

/** A row a job, and below them the chosen one: its curve, or why it failed. */
export function Sweep({
  jobs,
  chosen,
  lines,
  columns,
  palette,
}: {
  readonly jobs: readonly Job[];
  /** The row that the arrow keys have chosen; null: none so far. */
  readonly chosen: number | null;
  readonly lines: number;
  readonly columns: number;
  readonly palette: Palette;
}): ReactElement | null {
  if (jobs.length === 0 || lines < 2) return null;
  const row = chooseRow(jobs, chosen);
  const detailLines = Math.min(
    MAX_DETAIL_LINES,
    lines - Math.min(jobs.length + 1, Math.max(3, Math.ceil(lines / 2))),
  );
  const tableLines = Math.min(jobs.length, lines - 1 - Math.max(0, detailLines));
  // The chosen row stays in sight, and the table still while it is.
  const first = Math.max(0, Math.min(jobs.length - tableLines, row - Math.floor(tableLines / 2)));
  const cells = planCells(jobs, columns);
  const hidden = jobs.length - tableLines;
  const head = [
    '  variant'.padEnd(cells.name + 2),
    'seed',
    'state'.padEnd(STATE_COLUMNS),
    'stage'.padEnd(STAGE_COLUMNS + cells.bar + SHARE_COLUMNS),
  ];
  const title = `${head.join('  ')}  metric`;
  const more = `   (${hidden} more: up and down)`;
  const hint = hidden === 0 ? '' : title.length + more.length <= columns ? more : ` +${hidden}`;
  return (
    <Box flexDirection="column" height={lines}>
      <Text bold wrap="truncate">
        {`${title}${hint}`}
      </Text>
      {jobs.slice(first, first + tableLines).map((job, index) => (
        <Row key={job.id} job={job} isChosen={first + index === row} cells={cells} palette={palette} />
      ))}
      {detailLines > 1 && <Detail job={jobs[row]} lines={detailLines} columns={columns} palette={palette} />}
    </Box>
  );
}

/** The row that the arrow keys have chosen, else the first that runs. */
export function chooseRow(jobs: readonly Job[], chosen: number | null): number {
  const running = jobs.findIndex(({ state }) => state === 'running');
  return Math.min(jobs.length - 1, Math.max(0, chosen ?? running));
}

/** Columns of what bends to the terminal: of the variant's name, of the bar with its space (0: none), of the metric. */
interface Cells {
  readonly name: number;
  readonly bar: number;
  readonly metric: number;
  readonly hasTimeLeft: boolean;
}

/** On a narrow terminal the bar goes first, then the time that is left; long names are cut last. */
function planCells(jobs: readonly Job[], columns: number): Cells {
  const longest = (texts: readonly string[]) => Math.max(...texts.map((text) => text.length));
  const wanted = Math.min(MAX_NAME, Math.max('variant'.length, longest(jobs.map(({ variant }) => variant))));
  const metric = Math.max('metric'.length, longest(jobs.map(metricOf)));
  const fixed = 2 + 2 + 4 + 2 + STATE_COLUMNS + 2 + STAGE_COLUMNS + SHARE_COLUMNS + 2 + metric;
  const free = columns - fixed - wanted;
  const hasTimeLeft = free >= TIME_COLUMNS;
  const bar = free >= TIME_COLUMNS + 1 + BAR_COLUMNS ? 1 + BAR_COLUMNS : 0;
  return { name: Math.max(4, Math.min(wanted, columns - fixed)), bar, metric, hasTimeLeft };
}

function metricOf({ metric }: Job): string {
  return metric === null ? '' : `${metric.name} ${formatNumber(metric.value)}`;
}

function Row({
  job,
  isChosen,
  cells,
  palette,
}: {
  readonly job: Job;
  readonly isChosen: boolean;
  readonly cells: Cells;
  readonly palette: Palette;
}): ReactElement {
  const { variant, seed, state, stage, progress, etaSeconds } = job;
  const share = state === 'running' ? (progress ?? 0) : state === 'done' ? 1 : 0;
  const hasShare = state === 'running' || state === 'done';
  const bar = hasShare ? Math.max(0, cells.bar - 1) : 0;
  const filled = Math.round(share * bar);
  const name = variant.slice(0, cells.name).padEnd(cells.name);
  const hasTimeLeft = cells.hasTimeLeft && state === 'running' && etaSeconds !== null;
  return (
    <Text wrap="truncate" bold={isChosen}>
      {`${isChosen ? '›' : ' '} ${name}  ${String(seed).padStart(4)}  `}
      <Text {...styleOf(state, palette)}>{state.padEnd(STATE_COLUMNS)}</Text>
      {`  ${(stage ?? '').slice(0, STAGE_COLUMNS).padEnd(STAGE_COLUMNS)}${' '.repeat(cells.bar - bar)}`}
      <Text {...palette.accent}>{'━'.repeat(filled)}</Text>
      <Text {...palette.quiet}>{'─'.repeat(bar - filled)}</Text>
      {`${(hasShare ? formatShare(share) : '').padStart(SHARE_COLUMNS)}  ${metricOf(job).padEnd(cells.metric)}`}
      <Text {...palette.quiet}>{hasTimeLeft ? `  ${formatDuration(etaSeconds)} left` : ''}</Text>
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
    ? metricOf(job) || 'nothing told so far'
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
