import { Box, Text } from 'ink';
import type { ReactElement } from 'react';

/** As wide and as many as the smallest terminal takes. */
const LINES = [
  'q        save a checkpoint and stop',
  'Ctrl-C   the same; once more leaves at once, without saving',
  's        save a checkpoint and go on',
  'p        pause, and go on',
  'l        curves on a logarithmic scale, and back',
  'm        all messages, and back',
  'up, down another job of a sweep (or k, j)',
  'Ctrl-Z   suspend; fg goes on',
  'Curves   a loss part over all steps: now, lowest, highest',
  'Guards   must stay in range; one that falls while the loss',
  '         falls: the objective has stopped teaching',
  'waiting  share of time in which the engine waits for batches',
];

/** What the keys do and what the numbers mean. */
export function Help({ lines }: { readonly lines: number }): ReactElement {
  return (
    <Box flexDirection="column" height={Math.max(0, Math.min(lines, LINES.length))}>
      {LINES.slice(0, Math.max(0, lines)).map((line) => (
        <Text key={line} wrap="truncate">
          {line}
        </Text>
      ))}
    </Box>
  );
}
