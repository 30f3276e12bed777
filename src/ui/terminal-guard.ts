/** Gives the terminal back when this process is killed so that it can't do it itself. */
export interface TerminalGuard {
  /** The terminal is taken. @param restore what is written to give it back: one line of escape sequences */
  hold(restore: string): void;
  /** The terminal was given back. */
  release(): void;
}
