import type { SettingsKind } from '../config/kinds.js';

const COMMANDS: Readonly<Record<SettingsKind, string>> = {
  finetune: 'finetune',
  import: 'data import',
  pretrain: 'pretrain',
  sweep: 'sweep run',
};

/** The command that uses settings of a kind. */
export function nextCommandFor(kind: SettingsKind, file: string): string {
  return `whisker ${COMMANDS[kind]} ${quoteForShell(file)}`;
}

/** A word as a POSIX shell takes it. */
export function quoteForShell(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** What to do with a fresh engine. */
export function nextAfterEngine(): readonly string[] {
  return ['whisker doctor'];
}
