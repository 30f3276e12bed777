import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { formatNumber } from '../format.js';
import type { Palette } from '../palette.js';
import type { RunState } from '../run-state.js';

/** The newest rows of the table of results. */
export function Results({
  results,
  lines,
  palette,
}: {
  readonly results: RunState['results'];
  readonly lines: number;
  readonly palette: Palette;
}): ReactElement | null {
  if (results.length === 0 || lines < 2) return null;
  const shown = results.slice(-(lines - 1));
  const hidden = results.length - shown.length;
  const widths = [
    Math.max(...shown.map(({ task }) => task.length)),
    Math.max(...shown.map(({ features }) => features.length)),
  ];
  return (
    <Box flexDirection="column" height={lines}>
      <Text wrap="truncate">
        <Text bold>Results</Text>
        <Text {...palette.quiet}>{hidden > 0 ? `  ${hidden} above` : ''}</Text>
      </Text>
      {shown.map(({ task, features, seed, metrics }) => {
        const numbers = Object.entries(metrics).map(([name, value]) => `${name} ${formatNumber(value)}`);
        const text = `  ${task.padEnd(widths[0])}  ${features.padEnd(widths[1])}  seed ${seed}  ${numbers.join('  ')}`;
        return (
          <Text key={`${task} ${features} ${seed} ${numbers}`} wrap="truncate">
            {text}
          </Text>
        );
      })}
    </Box>
  );
}
