import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { plotCurve } from '../curve.js';
import { formatNumber } from '../format.js';
import type { Palette } from '../palette.js';
import type { RunState } from '../run-state.js';
import { PlotRows } from './plot.js';

const MAX_PLOT_COLUMNS = 60;

/** The head that is being fitted: what it is, how far it is, its loss so far, and what its task has reached. */
export function Head({
  state,
  lines,
  columns,
  palette,
}: {
  readonly state: RunState;
  readonly lines: number;
  readonly columns: number;
  readonly palette: Palette;
}): ReactElement | null {
  const { head, headCurve, results } = state;
  if (head === null || lines === 0) return null;
  const fold = head.fold === null ? 'whole training set' : `fold ${head.fold}`;
  const best = bestOf(results, head.task);
  const plotLines = lines - 2;
  const { rows } = plotCurve(
    headCurve,
    Math.min(MAX_PLOT_COLUMNS, columns),
    Math.max(1, plotLines),
    head.iteration,
  );
  return (
    <Box flexDirection="column" height={lines}>
      <Text wrap="truncate">
        <Text bold>{`Head of ${head.task}`}</Text>
        {`  ${head.features}, seed ${head.seed}, ${fold}`}
      </Text>
      {lines > 1 && (
        <Text wrap="truncate">
          {`iteration ${String(head.iteration).padStart(4)}   loss ${formatNumber(head.loss).padEnd(8)}`}
          <Text {...palette.quiet}>{best === null ? '   no score so far' : `   best so far ${best}`}</Text>
        </Text>
      )}
      {plotLines > 0 && <PlotRows rows={rows} style={palette.accent} />}
    </Box>
  );
}

/** `map 0.912 by encoder`: by the first metric that results of the task have, its headline. */
function bestOf(results: RunState['results'], task: string): string | null {
  const own = results.filter((result) => result.task === task);
  const name = Object.keys(own[0]?.metrics ?? {}).at(0);
  if (name === undefined) return null;
  const [first, ...others] = own;
  const best = others.reduce((top, one) => (one.metrics[name] > top.metrics[name] ? one : top), first);
  return `${name} ${formatNumber(best.metrics[name])} by ${best.features}`;
}
