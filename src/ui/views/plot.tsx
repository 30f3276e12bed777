import { Text } from 'ink';
import type { ReactElement } from 'react';
import type { TextStyle } from '../palette.js';

const EMPTY_CELL = '\u2800';

/**
 * The rows of a plot as one text. Empty cells become spaces and the end of a row goes: Ink measures every braille
 * character by itself, which was most of the cost of a drawing.
 */
export function PlotRows({
  rows,
  style,
}: {
  readonly rows: readonly string[];
  readonly style: TextStyle;
}): ReactElement {
  const lines = rows.map((row) => row.replaceAll(EMPTY_CELL, ' ').trimEnd());
  return <Text {...style}>{lines.join('\n')}</Text>;
}
