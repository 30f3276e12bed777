import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { formatNumber, formatRange } from '../format.js';
import type { Palette } from '../palette.js';
import { isHealthy } from '../plain.js';
import type { RunState } from '../run-state.js';

const UNHEALTHY = 'NOT HEALTHY';

/** What watches over the run, each with the range in which it is healthy. */
export function Guards({
  guards,
  lines,
  columns,
  palette,
}: {
  readonly guards: RunState['guards'];
  readonly lines: number;
  readonly columns: number;
  readonly palette: Palette;
}): ReactElement | null {
  if (guards === null || lines < 2) return null;
  const entries = Object.entries(guards.metrics);
  // Those that aren't healthy come first: they must not fall off a small screen.
  const shown = [...entries]
    .sort(
      ([, one], [, other]) =>
        Number(isHealthy(one.value, one.healthy)) - Number(isHealthy(other.value, other.healthy)),
    )
    .slice(0, lines - 1);
  const nameWidth = Math.min(24, Math.max(...shown.map(([name]) => name.length)));
  const verdictWidth = shown.some(([, { value, healthy }]) => !isHealthy(value, healthy))
    ? UNHEALTHY.length
    : 2;
  return (
    <Box flexDirection="column" height={lines}>
      <Text bold wrap="truncate">{`Guards at step ${guards.step}`}</Text>
      {shown.map(([name, { value, healthy }]) => {
        const isFine = isHealthy(value, healthy);
        const range = `healthy ${formatRange(healthy)}`;
        const gauge = columns >= 76 ? `${gaugeOf(value, healthy)}  ` : '';
        return (
          <Text key={name} wrap="truncate">
            {`  ${name.padEnd(nameWidth)}  ${formatNumber(value).padStart(8)}  ${gauge}`}
            <Text {...(isFine ? palette.good : palette.bad)}>
              {(isFine ? 'ok' : UNHEALTHY).padEnd(verdictWidth)}
            </Text>
            {`  ${range}`}
          </Text>
        );
      })}
    </Box>
  );
}

const GAUGE_CELLS = 20;

/** Where a value lies against its range: the range is the middle half of the gauge. */
function gaugeOf(value: number, [low, high]: readonly [number, number]): string {
  const cells = new Array<string>(GAUGE_CELLS).fill('·');
  const [from, to] = [GAUGE_CELLS / 4, (3 * GAUGE_CELLS) / 4];
  cells.fill('─', from, to);
  if (Number.isFinite(value)) {
    const span = Number.isFinite(high - low) && high > low ? high - low : 1;
    const share = Number.isFinite(low) ? (value - low) / span : 1 + (value - high) / span;
    const cell = Math.round(from + Math.min(1.5, Math.max(-0.5, share)) * (to - from));
    cells[Math.min(GAUGE_CELLS - 1, Math.max(0, cell))] = '●';
  }
  return cells.join('');
}
