import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import type { TerminalGuard } from '../ui/terminal-guard.js';

/**
 * Reads lines until the writer is gone; what stood in the last one gives the terminal back, nothing: it has it already.
 * Line mode comes back only where signals of keys are still off: a shell that was quicker has its own mode by now.
 */
const SCRIPT = `
while IFS= read -r line; do restore=$line; done
[ -n "$restore" ] || exit 0
printf %s "$restore"
[ -n "$1" ] || exit 0
case $(stty -a <&3) in *-isig*) stty "$1" <&3 ;; esac
`;

/**
 * Once the terminal is taken, a shell outlives this process by a moment and gives the terminal back where this one couldn't:
 * killed by signal 9, or for want of memory. It has a session of its own, so that signals to the terminal's processes
 * pass it by and job control doesn't hold it up. Where no shell can be started, nothing watches.
 */
export function guardTerminal(terminal: NodeJS.WriteStream, keyboard: NodeJS.ReadStream): TerminalGuard {
  let shell: ChildProcess | undefined;
  return {
    hold(restore) {
      shell ??= startShell(terminal, keyboard);
      shell.stdin?.write(`${restore}\n`);
    },
    release: () => shell?.stdin?.write('\n'),
  };
}

function startShell(terminal: NodeJS.WriteStream, keyboard: NodeJS.ReadStream): ChildProcess {
  const screen = descriptorOf(terminal);
  const keys = keyboard.isTTY ? descriptorOf(keyboard) : 'ignore';
  const shell = spawn('sh', ['-c', SCRIPT, 'whisker-terminal-guard', lineModeOf(keyboard)], {
    stdio: ['pipe', screen, 'ignore', keys],
    detached: true,
  });
  shell.on('error', () => {});
  shell.stdin?.on('error', () => {});
  shell.unref();
  // A pipe to a child is a socket, which alone would keep this process.
  (shell.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  return shell;
}

/** The mode of the terminal's lines as `stty` takes it back; empty where there is none. */
function lineModeOf(keyboard: NodeJS.ReadStream): string {
  if (!keyboard.isTTY) return '';
  const { stdout } = spawnSync('stty', ['-g'], {
    stdio: [descriptorOf(keyboard), 'pipe', 'ignore'],
    encoding: 'utf8',
  });
  return (stdout ?? '').trim();
}

function descriptorOf(stream: NodeJS.WriteStream | NodeJS.ReadStream): number {
  return (stream as unknown as { readonly fd: number }).fd;
}
