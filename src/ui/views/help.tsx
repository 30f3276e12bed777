import { Box, Text } from 'ink';
import type { ReactElement } from 'react';

const LINES = [
  'q        save a checkpoint and stop',
  'Ctrl-C   the same; once more leaves at once, without saving',
  's        save a checkpoint and go on',
  'p        pause, and go on',
  'l        curves on a logarithmic scale, and back',
  'm        all messages, and back',
  'up, down another job of a sweep (or k, j)',
  'Ctrl-Z   suspend; fg goes on',
  '',
  'Curves: a loss part over all steps so far, with its value now, its lowest and its highest.',
  'Guards: what must stay in its range. A probe that falls while the loss falls means that the',
  'objective has stopped teaching what matters.',
  'waiting: the share of time in which the engine waits for batches.',
];

/** What the keys do and what the numbers mean. */
export function Help({ lines }: { readonly lines: number }): ReactElement {
  return (
    <Box flexDirection="column" height={Math.max(0, Math.min(lines, LINES.length))}>
      {LINES.slice(0, Math.max(0, lines)).map((line) => (
        <Text key={line} wrap="truncate">
          {line === '' ? ' ' : line}
        </Text>
      ))}
    </Box>
  );
}
