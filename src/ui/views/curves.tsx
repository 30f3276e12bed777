import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { isPositive, plotCurve } from '../curve.js';
import { formatNumber } from '../format.js';
import { type CurveLayout, TITLE_LINES } from '../layout.js';
import type { Palette, TextStyle } from '../palette.js';
import type { RunState } from '../run-state.js';
import { PlotRows } from './plot.js';

/** One panel a loss part: its name and value, then its range, above a braille plot. */
export function Curves({
  state,
  layout,
  isLogScale,
  palette,
}: {
  readonly state: RunState;
  readonly layout: CurveLayout;
  readonly isLogScale: boolean;
  readonly palette: Palette;
}): ReactElement | null {
  const { panelsPerRow, panelColumns, rows, plotLines } = layout;
  if (rows === 0) return null;
  const names = Object.keys(state.curves).slice(0, rows * panelsPerRow);
  const groups = Array.from({ length: rows }, (_, row) =>
    names.slice(row * panelsPerRow, (row + 1) * panelsPerRow),
  );
  return (
    <Box flexDirection="column">
      {groups.map((group) => (
        <Box key={group.join()} height={plotLines + TITLE_LINES}>
          {group.map((name) => (
            <Panel
              key={name}
              name={name}
              state={state}
              columns={panelColumns}
              lines={plotLines}
              isLogScale={isLogScale}
              quiet={palette.quiet}
              style={palette.curves[names.indexOf(name) % palette.curves.length]}
            />
          ))}
        </Box>
      ))}
    </Box>
  );
}

function Panel({
  name,
  state,
  columns,
  lines,
  isLogScale,
  style,
  quiet,
}: {
  readonly name: string;
  readonly state: RunState;
  readonly columns: number;
  readonly lines: number;
  readonly isLogScale: boolean;
  readonly style: TextStyle;
  readonly quiet: TextStyle;
}): ReactElement {
  const lastStep = state.step?.step ?? 0;
  const curve = state.curves[name];
  const isLog = isLogScale && isPositive(curve);
  const { rows, low, high } = plotCurve(curve, Math.max(1, columns - 2), lines, lastStep, isLog);
  const value = name === 'loss' ? state.step?.loss : state.step?.parts[name];
  const now = value === undefined ? '' : formatNumber(value);
  return (
    <Box flexDirection="column" width={columns}>
      <Text wrap="truncate">
        <Text bold>{name}</Text>
        {` ${now}`}
      </Text>
      <Text
        {...quiet}
        wrap="truncate"
      >{`${formatNumber(low)} to ${formatNumber(high)}${isLog ? ', log' : ''}`}</Text>
      <PlotRows rows={rows} style={style} />
    </Box>
  );
}
