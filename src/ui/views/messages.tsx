import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import type { Palette } from '../palette.js';
import type { Message } from '../run-state.js';

/** The newest messages, one a line. */
export function Messages({
  messages,
  lines,
  palette,
}: {
  readonly messages: readonly Message[];
  readonly lines: number;
  readonly palette: Palette;
}): ReactElement | null {
  if (lines <= 0) return null;
  const first = Math.max(0, messages.length - lines);
  return (
    <Box flexDirection="column" height={lines}>
      {messages.slice(first).map(({ level, text }, index) => (
        <Text
          // biome-ignore lint/suspicious/noArrayIndexKey: a message is its place in the list
          key={first + index}
          wrap="truncate"
          bold={level === 'answer'}
          {...(level === 'info' ? {} : palette.bad)}
        >
          {level === 'warning' ? `warning: ${text}` : text}
        </Text>
      ))}
    </Box>
  );
}
