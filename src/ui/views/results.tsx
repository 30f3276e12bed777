import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { formatNumber } from '../format.js';
import type { Palette } from '../palette.js';
import type { RunState } from '../run-state.js';

const MAX_NAME = 40;
const GAP = '  ';

/**
 * The table of results as it grows: a line for each task, features and seed, a column for each metric that the terminal
 * has room for; the newest last.
 */
export function Results({
  results,
  lines,
  columns,
  palette,
}: {
  readonly results: RunState['results'];
  readonly lines: number;
  readonly columns: number;
  readonly palette: Palette;
}): ReactElement | null {
  if (results.length === 0 || lines < 2) return null;
  const shown = results.slice(-(lines - 1));
  const hidden = results.length - shown.length;
  const metrics = [...new Set(shown.flatMap((result) => Object.keys(result.metrics)))];
  const cells = shown.map(({ task, features, seed, metrics: values }) => [
    task.slice(0, MAX_NAME),
    features.slice(0, MAX_NAME),
    `${seed}`,
    ...metrics.map((name) => (name in values ? formatNumber(values[name]) : '')),
  ]);
  const head = [hidden > 0 ? `Results (${hidden} above)` : 'Results', 'features', 'seed', ...metrics];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column].length)),
  );
  let room = columns + GAP.length;
  const fitting = widths.findIndex((width) => {
    room -= width + GAP.length;
    return room < 0;
  });
  const lineOf = (row: readonly string[]) =>
    row
      .slice(0, fitting < 0 ? row.length : Math.max(fitting, 1))
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join(GAP);
  return (
    <Box flexDirection="column" height={lines}>
      <Text bold wrap="truncate">
        {lineOf(head)}
      </Text>
      {cells.map((row, index) => (
        <Text
          // biome-ignore lint/suspicious/noArrayIndexKey: a result is its place in the list
          key={hidden + index}
          wrap="truncate"
          {...(index === cells.length - 1 ? {} : palette.quiet)}
        >
          {lineOf(row)}
        </Text>
      ))}
    </Box>
  );
}
